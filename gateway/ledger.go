package gateway

import (
	"slices"
	"strings"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// listLedger lists what changed the caller's free cash, newest first.
func (c *call) listLedger() *api.Problem {
	key := projection.AccountKey(c.who.Account)
	page, p := readPage(c, key, func(seq exchange.Seq, at exchange.Time, event exchange.Event) []projection.Entry {
		entries := projection.LedgerEntries(seq, at, event, c.who.Account)
		for i := range entries {
			entries[i].Reference = strings.Clone(entries[i].Reference) // it aliases the frame
		}
		slices.Reverse(entries)
		return entries
	})
	if p != nil {
		return p
	}
	answer := api.Ledger{Entries: make([]api.Entry, len(page.rows)), Page: page.foot(c)}
	for i := range page.rows {
		e := &page.rows[i]
		answer.Entries[i] = entryInfo(e)
		if !e.Amended {
			continue
		}
		// An amendment does not say what its order held before, so the balance before it tells.
		before, p := c.balanceBefore(page.rows[i+1:], e.Seq)
		if p != nil {
			return p
		}
		answer.Entries[i].Kind, answer.Entries[i].Amount = "amendment", api.Money(e.Balance-before)
	}
	return c.answer(&answer)
}

// balanceBefore returns the free cash before an event: that after the next older entry, which may be on the next page.
func (c *call) balanceBefore(older []projection.Entry, seq exchange.Seq) (balance exchange.Money, p *api.Problem) {
	if len(older) > 0 {
		return older[0].Balance, nil
	}
	w := c.past(searchEvents)
	w.newest(projection.AccountKey(c.who.Account), seq, func(seq exchange.Seq, at exchange.Time, event exchange.Event) bool {
		entries := projection.LedgerEntries(seq, at, event, c.who.Account)
		if len(entries) == 0 {
			return true
		}
		balance = entries[len(entries)-1].Balance
		return false
	})
	return balance, w.searchProblem()
}

func entryInfo(e *projection.Entry) api.Entry {
	return api.Entry{
		Seq: api.ID(e.Seq), Time: api.Time(e.Time), Kind: e.Kind.String(), Amount: api.Money(e.Cash), Cash: api.Money(e.Balance),
		Market: api.ID(e.Market), Order: api.ID(e.Order), Reference: e.Reference,
	}
}
