package gateway

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// The hand-written reader of orders and the reflecting one agree on what an order is and what it says. The reflecting
// one is laxer where its words say nothing about ranges, so what it takes may still be refused.
func FuzzReadOrder(f *testing.F) {
	for _, seed := range []string{
		with(""), with(`"type":"market","max_cost":"5"`), with(`"client_order_id":"\u0041"`), with(`"group":"7","post_only":true`),
		with(`"expires_at":"2040-01-01T00:00:00Z","time_in_force":"gtt","self_trade":"allow"`), with(`"quantity":1e3`), with(`"x":[{}]`),
		with(`"contract":"no","reduce_only":false`), `{"outcome":"yes","outcome":"no"}`, `{"price":null}`, "{}{}", "[", "\"\xff\"", "{\"a\\u0000\":1}",
	} {
		f.Add([]byte(seed))
	}
	binary, categorical := &terms{}, &terms{outcomes: []string{"yes", "A"}}
	var s scanner
	var o orderRequest
	f.Fuzz(func(t *testing.T, body []byte) {
		s.reset(body)
		p := o.read(&s, false)
		if p == nil {
			p = s.end()
		}
		var want api.PlaceOrder
		err := json.Unmarshal(body, &want, strict)
		if p != nil {
			checkProblem(t, p)
			return
		}
		if err != nil {
			t.Fatalf("%q was read, but %v", body, err)
		}
		if exchange.Price(want.Price) != o.cmd.Price || exchange.Quantity(want.Quantity) != o.cmd.Quantity || string(o.cmd.ClientID) != want.ClientOrderID ||
			exchange.Money(want.MaxCost) != o.cmd.MaxCost || exchange.Time(want.ExpiresAt) != o.cmd.ExpireAt || string(s.outcome) != want.Outcome ||
			uint64(want.Group) != uint64(o.cmd.Group) || want.Side != api.SideWords[o.cmd.Side] || want.PostOnly != (o.cmd.Flags&exchange.PostOnly != 0) ||
			want.ReduceOnly != (o.cmd.Flags&exchange.ReduceOnly != 0) || (want.Type == api.TypeMarket) != (o.cmd.Flags&exchange.MarketOrder != 0) {
			t.Fatalf("%q\n%+v\n%+v", body, want, o.cmd)
		}
		o.cmd.Market = 1
		for _, terms := range []*terms{binary, categorical} {
			again := o
			if p := again.resolve(terms, s.outcome); p != nil {
				checkProblem(t, p)
				continue
			}
			checkPlacedAnswer(t, &again)
		}
	})
}

// checkPlacedAnswer checks that an order's answer is what JSON v2 writes for its shape.
func checkPlacedAnswer(t *testing.T, o *orderRequest) {
	t.Helper()
	r := exchange.Reply{Seq: 7, Time: 1, ID: 1 << 40, Filled: min(3, o.cmd.Quantity), Cost: 5, Fees: 1, Version: 1}
	b := appendPlaced(nil, o, &r)
	var answer api.OrderAnswer
	if err := json.Unmarshal(b, &answer, strict); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	again, err := json.Marshal(answer)
	if err != nil || string(again) != string(b) {
		t.Fatalf("%s\n%s\n%v", b, again, err)
	}
	no := o.cmd.Flags&exchange.NoTerms != 0
	if (answer.Side == api.Buy) != ((o.cmd.Side == exchange.Buy) != no) || no && exchange.Price(answer.Price) != o.cmd.Price.Complement() {
		t.Fatalf("%s for %+v", b, o.cmd)
	}
}

// checkProblem checks that a refusal can be shown.
func checkProblem(t *testing.T, p *api.Problem) {
	t.Helper()
	b := appendProblem(nil, p)
	var back api.Problem
	if err := json.Unmarshal(b, &back, strict); err != nil || back != *p {
		t.Fatalf("%s: %v", b, err)
	}
	if p.Status < 400 || p.Code == "" || len(p.Field) > 200 || !utf8.ValidString(p.Field+p.Detail) {
		t.Fatalf("%+v", p)
	}
}

// Whatever is asked in a batch, it is read or refused as a whole.
func FuzzReadBatch(f *testing.F) {
	order := strings.Replace(with(""), "{", `{"market":"1",`, 1)
	f.Add([]byte(`{"orders":[` + order + `],"cancels":[{"market":"1","order":"5"}]}`))
	f.Add([]byte(`{"orders":[{}],"cancels":[]}`))
	f.Add([]byte(`{"orders":[` + strings.Replace(order, `"1"`, `"2"`, 1) + `]}`)) // a market that nobody knows
	f.Add([]byte(`{"cancels":[{"order":"5","market":"1","order":"5"}]}`))
	server := newSite(f).server // without any market, but it thinks that it knows one
	server.terms.known.Store(exchange.MarketID(1), &terms{})
	f.Fuzz(func(t *testing.T, body []byte) {
		c := &call{s: server, key: "k", endpoint: &endpoint{Route: api.Route{Key: api.KeyRequired}}, r: httptest.NewRequest(http.MethodPost, "/api/orders/batch", nil)}
		c.scan.reset(body)
		if p := c.readBatch(); p != nil {
			checkProblem(t, p)
			return
		}
		var want api.Batch
		if err := json.Unmarshal(body, &want, strict); err != nil {
			t.Fatalf("%q was read, but %v", body, err)
		}
		if len(want.Orders) != len(c.orders) || len(want.Cancels) != len(c.cancels) {
			t.Fatalf("%q: %d orders and %d cancels", body, len(c.orders), len(c.cancels))
		}
		for i, o := range want.Cancels {
			if uint64(o.Order) != uint64(c.cancels[i].Order) || uint64(o.Market) != uint64(c.cancels[i].Market) {
				t.Fatalf("%q: %+v", body, c.cancels[i])
			}
		}
	})
}

// The survey of a request lets nothing through that JSON v2 would not, and neither null nor depth.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"question":"Will it rain today?","tick":{"step":"0.01"},"outcomes":["A","B"],"taker_fee":"0.1"}`, `{"question":null}`,
		`{"tick":[[[[[[[[]]]]]]]]}`, `{"position_limit":1e9}`, `{} {}`, `{"a":{"a":1,"a":2}}`} {
		f.Add([]byte(seed))
	}
	var s scanner
	f.Fuzz(func(t *testing.T, body []byte) {
		req, p := decode[api.CreateMarket](&s, body)
		if p != nil {
			checkProblem(t, p)
			return
		}
		if _, err := json.Marshal(req); err != nil {
			t.Fatal(err)
		}
		v := jsontext.Value(body)
		if !v.IsValid() || strings.Contains(string(body), ":null") {
			t.Fatalf("%q was read", body)
		}
		if spec, p := readSpec(req); p != nil {
			checkProblem(t, p)
		} else if !utf8.ValidString(spec.Question) || strings.ContainsRune(spec.Question, 0) {
			t.Fatalf("%q", spec.Question)
		}
	})
}

func FuzzCursor(f *testing.F) {
	f.Add("AQ", 1)
	f.Add(writeCursor(1<<63, 7), 2)
	f.Fuzz(func(t *testing.T, cursor string, count int) {
		if count < 1 || count > 3 {
			return
		}
		q := &query{values: map[string][]string{"cursor": {cursor}}}
		numbers := q.cursor(count)
		if q.problem != nil {
			checkProblem(t, q.problem)
			return
		}
		if again := (&query{values: map[string][]string{"cursor": {writeCursor(numbers...)}}}).cursor(count); !slices.Equal(again, numbers) {
			t.Fatalf("%q: %v, again %v", cursor, numbers, again)
		}
	})
}
