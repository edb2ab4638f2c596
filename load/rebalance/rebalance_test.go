package rebalance

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/load/floor"
)

func placed(market exchange.MarketID, id exchange.OrderID, price exchange.Price, clientID string) *exchange.OrderPlaced {
	return &exchange.OrderPlaced{Market: market, Order: id, Price: price, ClientID: []byte(clientID)}
}

func matched(market exchange.MarketID, taker exchange.Side, by exchange.AccountID, maker exchange.OrderID) *exchange.OrderMatched {
	return &exchange.OrderMatched{Market: market, TakerSide: taker, TakerAccount: by, Maker: maker}
}

func TestFreezesAreReadFromBothShards(t *testing.T) {
	h := newHistory(9)
	ms := exchange.Time(time.Millisecond)
	h.event(1, 100*ms, &exchange.MarketFrozen{Market: 7, Move: 1, To: 5})
	h.event(1, 150*ms, &exchange.MarketThawed{Market: 7, Move: 1}) // given up: it counts as no move
	h.event(1, 200*ms, &exchange.MarketFrozen{Market: 7, Move: 2, To: 5})
	h.event(1, 200*ms, &exchange.MarketFrozen{Market: 8, Move: 1, To: 2})
	h.event(5, 203*ms, &exchange.MarketPartAdopted{Market: 7, Move: 2, Part: 0})
	h.event(5, 211*ms, &exchange.MarketPartAdopted{Market: 7, Move: 2, Part: 1, Last: true})
	h.event(2, 205*ms, &exchange.MarketPartAdopted{Market: 8, Move: 1, Last: true})
	freezes, moved := h.freezes(4)
	if !slices.Equal(freezes, []time.Duration{11 * time.Millisecond}) || !maps.Equal(moved, map[exchange.MarketID]bool{7: true}) {
		t.Errorf("%v, %v", freezes, moved)
	}
}

// findings are what is counted as lost after events, a word of each.
func findings(t *testing.T, events []exchange.Event, check func(*history, *Result)) (lost, doubled int, words string) {
	t.Helper()
	h, res := newHistory(9), &Result{}
	for _, e := range events {
		h.event(1, 0, e)
	}
	check(h, res)
	return res.Lost, h.doubled, strings.Join(res.Wrong, "; ")
}

func TestWhatIsLostOrDoubledIsFound(t *testing.T) {
	cancelled := new(exchange.OrderCancelled)
	cancelled.Market, cancelled.Order = 1, 3
	events := []exchange.Event{placed(1, 1, 0, "a"), placed(2, 1, 0, "b"), placed(1, 3, 0, "c"), placed(2, 4, 0, "b"), placed(1, 5, 0, ""), placed(1, 6, 0, ""), cancelled}
	for name, test := range map[string]struct {
		placed map[string]order
		gone   []order
		lost   int
	}{
		"all there":               {placed: map[string]order{"a": {1, 1}, "b": {2, 1}}, gone: []order{{1, 3}}},
		"an order is gone":        {placed: map[string]order{"d": {1, 9}}, lost: 1},
		"another market":          {placed: map[string]order{"a": {2, 1}}, lost: 1},
		"a cancel elsewhere":      {gone: []order{{2, 3}}, lost: 1},
		"the second of the twins": {placed: map[string]order{"b": {2, 4}}, lost: 1},
	} {
		gone := map[order]struct{}{}
		for _, o := range test.gone {
			gone[o] = struct{}{}
		}
		lost, doubled, words := findings(t, events, func(h *history, res *Result) { h.compare(res, test.placed, gone) })
		if lost != test.lost || doubled != 1 || (words == "") != (lost == 0) {
			t.Errorf("%s: %d lost, %d doubled: %s", name, lost, doubled, words)
		}
	}
}

// Bids trade from the highest down, asks from the lowest up, and of one price the oldest first.
func TestPriority(t *testing.T) {
	books := []exchange.Event{placed(1, 1, 3_000, "a"), placed(1, 2, 3_001, "b"), placed(1, 3, 3_000, "c"), placed(1, 4, 7_000, "d"), placed(1, 5, 6_999, "e")}
	holders := map[order]struct{}{{1, 1}: {}, {1, 2}: {}, {1, 3}: {}, {1, 4}: {}, {1, 5}: {}}
	for name, test := range map[string]struct {
		bids, asks []exchange.OrderID
		lost       int
	}{
		"as it is to be":     {[]exchange.OrderID{2, 1, 3}, []exchange.OrderID{5, 4}, 0},
		"the younger first":  {[]exchange.OrderID{2, 3, 1}, []exchange.OrderID{5, 4}, 1},
		"the worse first":    {[]exchange.OrderID{2, 1, 3}, []exchange.OrderID{4, 5}, 1},
		"one has not traded": {[]exchange.OrderID{2, 1}, []exchange.OrderID{5, 4}, 1},
	} {
		events := slices.Clone(books)
		for _, id := range test.bids {
			events = append(events, matched(1, exchange.Sell, 9, id), matched(1, exchange.Sell, 8, 1)) // somebody else's do not count
		}
		for _, id := range test.asks {
			events = append(events, matched(1, exchange.Buy, 9, id))
		}
		lost, _, words := findings(t, events, func(h *history, res *Result) { h.priority(res, []exchange.MarketID{1}, holders) })
		if lost != test.lost {
			t.Errorf("%s: %d lost: %s", name, lost, words)
		}
	}
}

func TestHoldingsAreCompared(t *testing.T) {
	made := func() *holdings {
		h := newHoldings()
		h.orders[order{1, 1}] = api.Order{Order: 1, Market: 1, Remaining: 5, Version: 2}
		h.positions[position{1, 1, api.Yes}] = api.Position{Market: 1, Outcome: api.Yes, Quantity: 5}
		h.cash[1] = [2]api.Money{10, 20}
		return h
	}
	for name, change := range map[string]func(*holdings){
		"version":   func(h *holdings) { h.orders[order{1, 1}] = api.Order{Order: 1, Market: 1, Remaining: 5, Version: 3} },
		"order":     func(h *holdings) { delete(h.orders, order{1, 1}) },
		"one more":  func(h *holdings) { h.orders[order{2, 1}] = api.Order{} },
		"position":  func(h *holdings) { h.positions[position{1, 1, api.Yes}] = api.Position{Quantity: 4} },
		"free cash": func(h *holdings) { h.cash[1] = [2]api.Money{11, 20} },
		"held cash": func(h *holdings) { h.cash[1] = [2]api.Money{10, 19} },
	} {
		res, after := &Result{}, made()
		res.compare(made(), after)
		if res.Lost != 0 {
			t.Fatal(res.Wrong)
		}
		change(after)
		if res.compare(made(), after); res.Lost != 1 {
			t.Errorf("%s: %d lost: %v", name, res.Lost, res.Wrong)
		}
	}
}

func TestAcknowledgementsAreKept(t *testing.T) {
	b := newBook()
	b.acknowledged(&client.Request{Method: "POST", Path: "/api/markets/12/orders", Raw: []byte(`{"price":"0.5","client_order_id":"t-1-2"}`)},
		[]byte(`{"seq":"8","order":"77","market":"12"}`), time.Second)
	b.acknowledged(&client.Request{Method: "DELETE", Path: "/api/markets/3/orders/78"}, []byte(`{"order":"78"}`), time.Millisecond)
	if _, gone := b.gone[order{3, 78}]; !gone || len(b.gone) != 1 || !maps.Equal(b.placed, map[string]order{"t-1-2": {12, 77}}) {
		t.Errorf("orders %v, cancels %v", b.placed, b.gone)
	}
	if first, second := b.longest(), b.longest(); first != time.Second || second != 0 {
		t.Errorf("the slowest took %v, then %v", first, second)
	}
	b.refused(errors.New("the connection broke"), 2*time.Second)
	b.refused(&client.Error{Problem: api.Problem{Status: 409, Code: "market_moved"}}, 0)
	b.refused(&client.Error{Problem: api.Problem{Status: 409, Code: tooLate}}, 0) // it has traded: no error
	if want := map[string]int{"no_answer": 1, "market_moved": 1}; !maps.Equal(b.codes, want) || b.longest() != 2*time.Second {
		t.Errorf("%v", b.codes)
	}
}

// Together the holders place all that there is to be, and each pair of them trades once in a market.
func TestWhatHoldersPlace(t *testing.T) {
	r := &run{Config: Config{Orders: 10, Holders: make([]floor.Trader, 8)}, markets: make([]api.ID, 16)}
	ids, trades := map[string]bool{}, 0
	for holder := range r.Holders {
		for _, i := range r.resting(holder) {
			ids[i.ClientOrderID] = true
			if i.Price == middle {
				trades++
			} else if i.Side == api.Buy && i.Price > bids || i.Side == api.Sell && i.Price < asks {
				t.Errorf("%+v is where the load is", i)
			}
		}
		for _, i := range r.selling(holder) {
			ids[i.ClientOrderID] = true
			trades++
			if (i.index+1)%8 != holder {
				t.Errorf("%+v is of %d", i, holder)
			}
		}
	}
	if len(ids) != 16*12 || trades != 16*2 {
		t.Errorf("%d orders, %d of them to trade", len(ids), trades)
	}
}
