package gateway

import (
	"context"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

func (c *call) getCheckpoint() *api.Problem {
	cp, found := c.s.history.Checkpoint()
	if !found {
		return api.CodeNotCaughtUp.Problem("", "There is no checkpoint yet.")
	}
	return c.answer(api.Checkpoint{Size: cp.Size, Note: cp.Note, Key: cp.Key})
}

// getTradeProof proves a trade to its parties. An event shows both accounts and their cash, so nobody else gets it.
func (c *call) getTradeProof() *api.Problem {
	return c.proof(func(e *exchange.OrderMatched) bool {
		return e.MakerAccount == c.who.Account || e.TakerAccount == c.who.Account
	})
}

func (c *call) adminTradeProof() *api.Problem {
	return c.proof(func(*exchange.OrderMatched) bool { return true })
}

// seen reports whether there is an event.
func (c *call) seen(seq exchange.Seq) bool {
	now, cancel := context.WithCancel(context.Background())
	cancel() // nobody waits for it
	return c.s.reader.Seq() >= seq || c.s.reader.WaitSeq(now, seq) == nil
}

func (c *call) proof(allowed func(*exchange.OrderMatched) bool) *api.Problem {
	notFound := api.CodeNotFound.Problem("seq", "There is no such trade of yours.")
	seq, err := api.ParseID(c.r.PathValue("seq"))
	if err != nil || !c.seen(exchange.Seq(seq)) {
		return notFound
	}
	proof, covered, err := c.s.history.Prove(exchange.Seq(seq))
	if err != nil {
		return c.unreadable(err)
	}
	if !covered {
		return api.CodeNotCaughtUp.Problem("seq", "No checkpoint covers it yet.")
	}
	event, err := c.events.Event(proof.Frame)
	if err != nil {
		return c.unreadable(err)
	}
	if e, trade := event.(*exchange.OrderMatched); !trade || !allowed(e) {
		return notFound
	}
	return c.answer(api.Proof{Seq: seq, Proof: proof.Text, Key: proof.Key})
}
