package gateway

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/journal/merkle"
)

// crowd is a few traders who have traded at random for a while.
type crowd struct {
	*site
	traders []trader
	markets []api.ID
	past    []instant
}

type instant struct {
	market api.ID
	time   api.Time
	book   api.OrderBook
}

func newCrowd(t *testing.T, steps int) *crowd {
	c := &crowd{site: newSite(t)}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 3 {
		c.traders = append(c.traders, c.trader(fmt.Sprint("trader", i), "50"))
	}
	c.markets = []api.ID{c.market(`,"taker_fee":"0.07","maker_share":"0.2"`), c.market(`,"outcomes":["A","B"],"taker_fee":"0.02"`)}
	for range steps {
		c.step(t, r)
	}
	return c
}

func (c *crowd) step(t *testing.T, r *rand.Rand) {
	who := c.traders[r.IntN(len(c.traders))]
	m := c.markets[r.IntN(len(c.markets))]
	open := want[api.Orders](t, 200, c.get(who, fmt.Sprintf("/api/orders?market=%d&limit=5", m))).Orders
	switch n := r.IntN(10); {
	case n < 6 || len(open) == 0:
		outcome := [][]string{{`"yes"`, `"no"`}, {`"A"`, `"B"`, `"B","contract":"no"`}}[m-c.markets[0]]
		body := fmt.Sprintf(`{"outcome":%s,"side":"%s","price":"0.%d","quantity":%d,"self_trade":"%s"}`, outcome[r.IntN(len(outcome))],
			api.SideWords[r.IntN(2)], 40+r.IntN(20), 1+r.IntN(8), api.SelfTradeWords[r.IntN(4)])
		if w := c.tryPlace(who, m, body); w.Code != 201 && w.Code != 402 {
			t.Fatalf("%s: %s\n%s", body, w.Body, c.log)
		}
	case n < 8:
		o := open[r.IntN(len(open))]
		c.do(ask{method: "PATCH", path: fmt.Sprintf("/api/markets/%d/orders/%d", m, o.Order), token: who.token, key: fresh(),
			body: fmt.Sprintf(`{"price":"0.%d","quantity":%d}`, 40+r.IntN(20), 1+r.IntN(12))})
	case n < 9:
		c.do(ask{method: "DELETE", path: fmt.Sprintf("/api/markets/%d/orders/%d", m, open[0].Order), token: who.token})
	default:
		book := want[api.OrderBook](t, 200, c.do(ask{method: "GET", path: fmt.Sprintf("/api/markets/%d/orderbook?depth=1000", m)}))
		c.past = append(c.past, instant{m, api.Time(c.now), book})
	}
}

// pages reads a list to its end, a few entries at a time. A page has as many as the path asks for, or a few more where
// those of one event stay together.
func pages[T any](t *testing.T, c *site, who trader, path string, entries func(T) int, foot func(T) api.Page) []T {
	var all []T
	var limit int
	if _, after, ok := strings.Cut(path, "limit="); ok {
		fmt.Sscan(after, &limit)
	}
	cursor := ""
	for {
		next := path
		if cursor != "" {
			next += "&cursor=" + url.QueryEscape(cursor)
		}
		page := want[T](t, 200, c.get(who, next))
		all = append(all, page)
		if n := entries(page); n > limit+4 {
			t.Errorf("%s: %d entries", next, n)
		}
		if cursor = foot(page).NextCursor; cursor == "" {
			return all
		}
		if len(all) > 10_000 {
			t.Fatal("the list has no end")
		}
	}
}

func TestLedgerAddsUp(t *testing.T) {
	c := newCrowd(t, 400)
	for _, who := range c.traders {
		var entries []api.Entry
		for _, p := range pages(t, c.site, who, "/api/ledger?limit=7", func(l api.Ledger) int { return len(l.Entries) }, func(l api.Ledger) api.Page { return l.Page }) {
			entries = append(entries, p.Entries...)
		}
		account := want[api.AccountInfo](t, 200, c.get(who, "/api/account"))
		if len(entries) < 50 || entries[0].Cash != account.Cash {
			t.Fatalf("%d entries, the last %+v, and %v in the account", len(entries), entries[0], account.Cash)
		}
		kinds := map[string]int{}
		for i, e := range entries {
			kinds[e.Kind]++
			before := api.Money(0)
			if i+1 < len(entries) {
				before = entries[i+1].Cash
			}
			if e.Cash-e.Amount != before {
				t.Errorf("entry %d: %+v after %v", i, e, before)
			}
		}
		for _, kind := range []string{"deposit", "hold", "trade", "fee", "amendment"} {
			if kinds[kind] == 0 {
				t.Errorf("no entry of kind %s: %v", kind, kinds)
			}
		}
	}
}

// The journal's story of an order is what the read model knew of it, and fills are what the order says was filled.
func TestOrdersAndFillsAgree(t *testing.T) {
	c := newCrowd(t, 400)
	statuses := map[string]int{}
	for _, who := range c.traders {
		filled, sides := map[api.ID]uint32{}, map[api.ID]string{}
		for _, p := range pages(t, c.site, who, "/api/fills?limit=9", func(f api.Fills) int { return len(f.Fills) }, func(f api.Fills) api.Page { return f.Page }) {
			for _, f := range p.Fills {
				filled[f.Order] += f.Quantity
				sides[f.Order] = f.Outcome + f.Contract + f.Side
			}
		}
		open := map[api.ID]api.Order{}
		for _, p := range pages(t, c.site, who, "/api/orders?limit=3", func(o api.Orders) int { return len(o.Orders) }, func(o api.Orders) api.Page { return o.Page }) {
			for _, o := range p.Orders {
				open[o.Order] = o
			}
		}
		seen := 0
		for _, p := range pages(t, c.site, who, "/api/orders?status=all&limit=10", func(o api.Orders) int { return len(o.Orders) }, func(o api.Orders) api.Page { return o.Page }) {
			for _, o := range p.Orders {
				statuses[o.Status]++
				if o.Filled != filled[o.Order] || sides[o.Order] != "" && sides[o.Order] != o.Outcome+o.Contract+o.Side {
					t.Errorf("fills say %d (%s) of %+v", filled[o.Order], sides[o.Order], o)
				}
				if one := want[api.Order](t, 200, c.get(who, fmt.Sprintf("/api/markets/%d/orders/%d", o.Market, o.Order))); one != o {
					t.Errorf("alone %+v, in the list %+v", one, o)
				}
				if o.Status == api.StatusOpen {
					seen++
					if open[o.Order] != o {
						t.Errorf("open it is %+v, in the journal %+v", open[o.Order], o)
					}
				}
			}
		}
		if seen != len(open) {
			t.Errorf("%d open orders in the journal, %d in the read model", seen, len(open))
		}
		// What the journal alone says of an open order is what the read model has.
		for id, o := range open {
			call := newCall(c.server, &endpoint{}, nil, ask{method: "GET", path: "/"}.request())
			past, found, p := call.findPlacing(exchange.AccountID(who.account), exchange.MarketID(o.Market), exchange.OrderID(id))
			if !found || p != nil {
				t.Fatalf("order %d is not in the journal: %+v", id, p)
			}
			call.seq = c.view.Seq()
			now, _ := c.view.Order(exchange.MarketID(o.Market), exchange.OrderID(id))
			last := c.view.Seq()
			c.HistoryOf(exchange.AccountID(who.account), past.seq, last, past.apply)
			if past.Price != now.Price || past.Quantity != now.Quantity || past.Filled != now.Filled || past.Remaining != now.Remaining || past.Version != now.Version {
				t.Errorf("in the journal %+v, in the read model %+v", past.Order, now)
			}
		}
	}
	for _, status := range []string{api.StatusOpen, api.StatusFilled, api.StatusCancelled} {
		if statuses[status] == 0 {
			t.Errorf("no order is %s: %v", status, statuses)
		}
	}
}

// HistoryOf shows apply an account's events after one.
func (c *crowd) HistoryOf(account exchange.AccountID, after, until exchange.Seq, apply func(exchange.Event)) {
	call := newCall(c.server, &endpoint{}, nil, ask{method: "GET", path: "/"}.request())
	w := call.past(searchEvents)
	w.oldest(1<<56|uint64(account), after, until, func(_ exchange.Seq, _ exchange.Time, e exchange.Event) bool {
		apply(e)
		return true
	})
}

func TestMarketAtAPastInstant(t *testing.T) {
	c := newCrowd(t, 300)
	if len(c.past) < 10 {
		t.Fatalf("only %d instants", len(c.past))
	}
	for _, p := range c.past {
		at := url.QueryEscape(p.time.String())
		got := want[api.MarketAt](t, 200, c.do(ask{method: "GET", path: fmt.Sprintf("/api/markets/%d/at?time=%s&depth=1000", p.market, at)}))
		if diff := cmp.Diff(p.book.Books, got.Books); diff != "" || got.Seq > p.book.Seq {
			t.Errorf("at %v (-then +now):\n%s", p.time, diff)
		}
	}
	now := url.QueryEscape(api.Time(c.now).String())
	last := api.ID(c.view.Seq()).String()
	c.market("") // more happens elsewhere
	for _, who := range c.traders {
		for _, m := range c.markets {
			w := c.get(who, fmt.Sprintf("/api/positions?market=%d&at=%s", m, now))
			then := want[api.Positions](t, 200, w)
			if got := w.Header().Get(api.HeaderSeq); len(got) == len(last) && got > last {
				t.Errorf("seq %s after %s", got, last)
			}
			live := want[api.Positions](t, 200, c.get(who, fmt.Sprintf("/api/positions?market=%d", m)))
			if diff := cmp.Diff(live.Positions, then.Positions); diff != "" {
				t.Error(diff)
			}
		}
	}
	before := url.QueryEscape(c.past[0].time.Std().Add(-time.Hour).Format(time.RFC3339Nano))
	refused(t, c.do(ask{method: "GET", path: fmt.Sprintf("/api/markets/%d/at?time=%s", c.markets[0], before)}), 422, "time_out_of_range", "")
	late := c.market("") // did not exist then
	refused(t, c.do(ask{method: "GET", path: fmt.Sprintf("/api/markets/%d/at?time=%s", late, now)}), 404, "market_not_found", "market")
}

// Everybody's positions, page by page, are those that each sees; and per outcome Yes and No are as many.
func TestMarketPositions(t *testing.T) {
	c := newCrowd(t, 300)
	for _, m := range c.markets {
		var own []api.Position
		for _, who := range c.traders {
			for _, p := range want[api.Positions](t, 200, c.get(who, fmt.Sprintf("/api/positions?market=%d", m))).Positions {
				p.Account = who.account
				own = append(own, p)
			}
		}
		at := url.QueryEscape(api.Time(c.now).String())
		for _, path := range []string{"?limit=1", "?limit=200", "?limit=1&at=" + at} {
			var all []api.Position
			path = fmt.Sprintf("/api/admin/markets/%d/positions%s", m, path)
			for _, p := range pages(t, c.site, trader{token: adminKey}, path, func(p api.Positions) int { return len(p.Positions) }, func(p api.Positions) api.Page { return p.Page }) {
				all = append(all, p.Positions...)
			}
			if diff := cmp.Diff(own, all); diff != "" {
				t.Errorf("%s (-own +all):\n%s", path, diff)
			}
		}
		info := want[api.MarketInfo](t, 200, c.do(ask{method: "GET", path: fmt.Sprintf("/api/markets/%d", m)}))
		sums := map[string]uint64{}
		for _, p := range own {
			sums[p.Outcome+p.Contract] += uint64(p.Quantity)
		}
		for _, o := range info.Outcomes {
			yes := sums[o.Outcome] + sums[o.Outcome+api.Yes]
			if yes != o.OpenInterest || yes == 0 {
				t.Errorf("%s: %d Yes and an open interest of %d", o.Outcome, yes, o.OpenInterest)
			}
		}
	}
}

func TestTradesAndProofs(t *testing.T) {
	c := newCrowd(t, 200)
	refused(t, c.do(ask{method: "GET", path: "/api/checkpoint"}), 503, "not_caught_up", "")
	path := fmt.Sprintf("/api/markets/%d/trades?limit=4", c.markets[0])
	var trades []api.Trade
	for _, p := range pages(t, c.site, trader{}, path, func(p api.Trades) int { return len(p.Trades) }, func(p api.Trades) api.Page { return p.Page }) {
		trades = append(trades, p.Trades...)
	}
	info := want[api.MarketInfo](t, 200, c.do(ask{method: "GET", path: fmt.Sprintf("/api/markets/%d", c.markets[0])}))
	if uint64(len(trades)) != info.Trades || trades[0].Price != info.Outcomes[0].LastPrice {
		t.Fatalf("%d trades, the last at %v: %+v", len(trades), trades[0].Price, info)
	}
	for i := range trades[1:] {
		if trades[i].Seq <= trades[i+1].Seq || trades[i].Time < trades[i+1].Time {
			t.Errorf("%+v before %+v", trades[i], trades[i+1])
		}
	}
	fill := want[api.Fills](t, 200, c.get(c.traders[0], "/api/fills?limit=1")).Fills[0]
	proof := fmt.Sprintf("/api/trades/%d/proof", fill.Seq)
	refused(t, c.get(c.traders[0], proof), 503, "not_caught_up", "seq")
	if _, err := c.journal.Checkpoint(c.signer); err != nil {
		t.Fatal(err)
	}
	cp := want[api.Checkpoint](t, 200, c.do(ask{method: "GET", path: "/api/checkpoint"}))
	verifier, err := note.NewVerifier(cp.Key)
	if err != nil || cp.Size != uint64(c.view.Seq()) {
		t.Fatalf("%+v, %v", cp, err)
	}
	parties := 0
	for i, who := range c.traders {
		w := c.get(who, proof)
		if w.Code == 404 {
			refused(t, w, 404, "not_found", "seq")
			continue
		}
		parties++
		got := want[api.Proof](t, 200, w)
		verified, err := merkle.VerifyInclusion([]byte(got.Proof), verifier)
		if err != nil || verified.Seq != uint64(fill.Seq) {
			t.Errorf("trader %d: %v, %+v", i, err, verified)
		}
	}
	if parties != 2 {
		t.Errorf("%d traders got a proof", parties)
	}
	want[api.Proof](t, 200, c.admin("GET", fmt.Sprintf("/trades/%d/proof", fill.Seq), ""))
	for _, seq := range []string{"1", "0", "x", "99999999", "18446744073709551615"} { // 1 is somebody's registration
		refused(t, c.admin("GET", "/trades/"+seq+"/proof", ""), 404, "not_found", "seq")
	}
}

func TestListMarkets(t *testing.T) {
	s := newSite(t)
	for i := range 12 {
		s.market(fmt.Sprintf(`,"rules":"rule %d","close_at":"2040-01-%02dT00:00:00Z"`, i, 20-i))
	}
	want[api.MarketAnswer](t, 201, s.admin("POST", "/markets", `{"question":"Does it rain in Lisbon?"}`))
	list := func(query string) (ids []api.ID) {
		for _, p := range pages(t, s, trader{}, "/api/markets?limit=5"+query, func(m api.Markets) int { return len(m.Markets) }, func(m api.Markets) api.Page { return m.Page }) {
			for _, m := range p.Markets {
				if m.Rules != "" {
					t.Error("a list has rules")
				}
				ids = append(ids, m.Market)
			}
		}
		return ids
	}
	if got := list(""); len(got) != 13 || got[0] != 13 || got[12] != 1 {
		t.Errorf("newest: %v", got)
	}
	if got := list("&sort=oldest"); len(got) != 13 || got[0] != 1 {
		t.Errorf("oldest: %v", got)
	}
	if got := list("&sort=closing"); len(got) != 13 || got[0] != 12 || got[12] != 13 {
		t.Errorf("closing: %v", got)
	}
	if got := list("&q=lisb"); len(got) != 1 || got[0] != 13 {
		t.Errorf("search: %v", got)
	}
	want[api.MarketAnswer](t, 200, s.admin("POST", "/markets/3/suspend", ""))
	if got := list("&status=suspended"); len(got) != 1 || got[0] != 3 {
		t.Errorf("suspended: %v", got)
	}
	if got := list("&q=" + strings.Repeat("z", 10)); len(got) != 0 {
		t.Errorf("nothing: %v", got)
	}
}

func TestBookFromBothSides(t *testing.T) {
	s := newSite(t)
	ada := s.trader("ada", "100")
	m := s.market("")
	s.place(ada, m, `{"outcome":"yes","side":"buy","price":"0.55","quantity":10}`)
	s.place(ada, m, `{"outcome":"yes","side":"buy","price":"0.5","quantity":20}`)
	s.place(ada, m, `{"outcome":"no","side":"buy","price":"0.4","quantity":30}`)
	path := fmt.Sprintf("/api/markets/%d", m)
	got := want[api.OrderBook](t, 200, s.do(ask{method: "GET", path: path + "/orderbook"})).Books
	wantBooks := []api.Book{
		{Outcome: api.Yes, Bids: []api.Level{{Price: 5_500, Quantity: 10, Orders: 1}, {Price: 5_000, Quantity: 20, Orders: 1}}, Asks: []api.Level{{Price: 6_000, Quantity: 30, Orders: 1}}},
		{Outcome: api.No, Bids: []api.Level{{Price: 4_000, Quantity: 30, Orders: 1}}, Asks: []api.Level{{Price: 4_500, Quantity: 10, Orders: 1}, {Price: 5_000, Quantity: 20, Orders: 1}}},
	}
	if diff := cmp.Diff(wantBooks, got); diff != "" {
		t.Error(diff)
	}
	one := want[api.OrderBook](t, 200, s.do(ask{method: "GET", path: path + "/orderbook?depth=1&outcome=no"})).Books
	if len(one) != 1 || len(one[0].Asks) != 1 || one[0].Asks[0].Price != 4_500 {
		t.Errorf("%+v", one)
	}
	refused(t, s.do(ask{method: "GET", path: path + "/orderbook?outcome=maybe"}), 422, "outcome_not_found", "outcome")
	info := want[api.MarketInfo](t, 200, s.do(ask{method: "GET", path: path}))
	if yes, no := info.Outcomes[0], info.Outcomes[1]; yes.BestBid != 5_500 || yes.BestAsk != 6_000 || no.BestBid != 4_000 || no.BestAsk != 4_500 || no.LastPrice != 0 {
		t.Errorf("%+v", info.Outcomes)
	}
}

// Where an order's events are cannot be said for a moment while its market moves. Then nothing is said of the order.
func TestAnOrderThatIsLostSightOf(t *testing.T) {
	s := newSite(t)
	ada, bob := s.trader("ada", "100"), s.trader("bob", "100")
	m := s.market("")
	o := s.place(ada, m, `{"outcome":"yes","side":"buy","price":"0.5","quantity":1}`)
	s.place(bob, m, `{"outcome":"yes","side":"sell","price":"0.5","quantity":1}`)
	path := fmt.Sprintf("/api/markets/%d/orders/%d", m, o.Order)
	s.sights.Store(2) // it is found where it was placed, and what became of it is not
	refused(t, s.get(ada, path), 503, "history_unavailable", "")
	if done := want[api.Order](t, 200, s.get(ada, path)); done.Status != api.StatusFilled {
		t.Errorf("%+v", done)
	}
}
