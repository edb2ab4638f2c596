package node_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/journal/merkle"
	"github.com/hustings/hustings/node"
)

// Whoever has checkpoint.pub can check that a trade is in the journal, with nothing else from the exchange than the
// proof; before a restart and after it.
func TestTradeIsProvenToWhoeverHasThePublicKey(t *testing.T) {
	ctx, dir := bound(t), t.TempDir()
	r := start(t, configOf(dir))
	f := makeFirstTrade(t, ctx, r)
	trade := read(t, ctx, r, f, f.Matched.Seq).Trades.Trades[0]
	public := must[[]byte](t)(os.ReadFile(filepath.Join(dir, node.CheckpointPubFile)))
	verifier := must[note.Verifier](t)(note.NewVerifier(strings.TrimSpace(string(public))))

	checkProof(t, verifier, prove(t, ctx, r.public.As(f.Ada), trade.Seq), trade)
	r.close(t)
	r = start(t, configOf(dir))
	p := prove(t, ctx, r.public.As(f.Bob), trade.Seq)
	checkProof(t, verifier, p, trade)

	forged := []byte(p.Proof)
	forged[strings.Index(p.Proof, "extra ")+20] ^= 1
	if _, err := merkle.VerifyInclusion(forged, verifier); err == nil {
		t.Error("a changed event was proven")
	}
	cid, _ := trader(t, ctx, r.public, "cid")
	var other api.Proof
	if err := getProof(ctx, r.public.As(cid), trade.Seq, &other); client.Code(err) != api.CodeNotFound.Code {
		t.Errorf("a stranger got %+v, %v", other, err)
	}
}

// prove asks for a proof until a checkpoint covers the trade.
func prove(t *testing.T, ctx context.Context, c *client.Client, seq api.ID) (p api.Proof) {
	t.Helper()
	for {
		err := getProof(ctx, c, seq, &p)
		if err == nil {
			return p
		}
		if client.Code(err) != api.CodeNotCaughtUp.Code || ctx.Err() != nil {
			t.Fatalf("trade %v is not proven: %v", seq, errors.Join(err, ctx.Err()))
		}
		time.Sleep(time.Millisecond)
	}
}

func getProof(ctx context.Context, c *client.Client, seq api.ID, p *api.Proof) error {
	return c.Do(ctx, client.Request{Method: http.MethodGet, Path: "/api/trades/" + seq.String() + "/proof"}, p)
}

func checkProof(t *testing.T, verifier note.Verifier, p api.Proof, trade api.Trade) {
	t.Helper()
	proven := must[merkle.Proof](t)(merkle.VerifyInclusion([]byte(p.Proof), verifier))
	if p.Seq != trade.Seq || proven.Seq != uint64(trade.Seq) || proven.Checkpoint.Size < int64(trade.Seq) {
		t.Errorf("event %d of %d is proven, the trade is %v", proven.Seq, proven.Checkpoint.Size, trade.Seq)
	}
	var d wire.Decoder
	e, ok := must[exchange.Event](t)(d.Event(proven.Event)).(*exchange.OrderMatched)
	if !ok || api.ID(e.Market) != trade.Market || api.Price(e.Price) != trade.Price || uint32(e.Quantity) != trade.Quantity {
		t.Errorf("proven is %+v, the trade is %+v", e, trade)
	}
}

// A past instant looks as it did then, whatever has happened since, a restart included.
func TestMarketAtAPastInstant(t *testing.T) {
	ctx, dir := bound(t), t.TempDir()
	r := start(t, configOf(dir))
	f := makeFirstTrade(t, ctx, r)
	then := must[api.Trades](t)(r.public.Trades(ctx, f.Market.Market, url.Values{"seq": {f.Matched.Seq.String()}})).Trades[0].Time
	// Six more at the same price empty the book; then one contract trades at 0.70.
	later := func(token, outcome string, price api.Price, quantity uint32) api.OrderAnswer {
		t.Helper()
		o := api.PlaceOrder{Outcome: outcome, Side: api.Buy, Price: price, Quantity: quantity}
		return must[api.OrderAnswer](t)(r.public.As(token).Place(ctx, f.Market.Market, "", o))
	}
	later(f.Bob, api.No, 3_800, 6)
	later(f.Ada, api.Yes, 7_000, 1)
	last := later(f.Bob, api.No, 3_000, 1)
	if last.Filled != 1 || last.Time <= then {
		t.Fatalf("the second trade: %+v, after one at %v", last, then)
	}
	for range 2 {
		past := marketAt(t, ctx, r, f, then)
		if past.Time != then || past.Seq != f.Matched.Seq || past.Status != "open" {
			t.Errorf("asked for %v (seq %v): %+v", then, f.Matched.Seq, past)
		}
		if yes := past.Outcomes[0]; yes.LastPrice != 6_200 || yes.Volume != 4 || yes.BestBid != 6_200 || yes.OpenInterest != 4 {
			t.Errorf("then: %+v", yes)
		}
		if bids := past.Books[0].Bids; len(bids) != 1 || bids[0].Quantity != 6 {
			t.Errorf("then in the book: %+v", bids)
		}
		now := marketAt(t, ctx, r, f, last.Time)
		if yes := now.Outcomes[0]; yes.LastPrice != 7_000 || yes.Volume != 11 || yes.BestBid != 0 || len(now.Books[0].Bids) != 0 {
			t.Errorf("after the last trade: %+v, %+v", yes, now.Books)
		}
		r.close(t)
		r = start(t, configOf(dir))
	}
	for at, code := range map[api.Time]string{
		f.Market.Time - 1: exchange.RejectMarketNotFound.String(), // there were accounts already
		1e9:               api.CodeTimeOutOfRange.Code,            // there was nothing
	} {
		var early api.MarketAt
		if err := getAt(ctx, r, f, at, &early); client.Code(err) != code {
			t.Errorf("at %v: %+v, %v, want %s", at, early, err, code)
		}
	}
}

func marketAt(t *testing.T, ctx context.Context, r *running, f firstTrade, at api.Time) (m api.MarketAt) {
	t.Helper()
	if err := getAt(ctx, r, f, at, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func getAt(ctx context.Context, r *running, f firstTrade, at api.Time, m *api.MarketAt) error {
	path := "/api/markets/" + f.Market.Market.String() + "/at?" + url.Values{"time": {at.String()}}.Encode()
	return r.public.Do(ctx, client.Request{Method: http.MethodGet, Path: path}, m)
}
