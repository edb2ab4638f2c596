package gateway

import (
	"fmt"
	"testing"

	"github.com/hustings/hustings/api"
)

func TestPlaceOrderInBothTerms(t *testing.T) {
	s := newSite(t)
	ada, bob := s.trader("ada", "100"), s.trader("bob", "100")
	m := s.market("")

	rest := s.place(ada, m, `{"outcome":"yes","side":"buy","price":"0.62","quantity":10,"client_order_id":"a \"1\""}`)
	if rest.Status != api.StatusOpen || rest.Remaining != 10 || rest.Price != 6_200 || rest.TimeInForce != api.GTC ||
		rest.Type != api.TypeLimit || rest.Version != 1 || rest.ClientOrderID != `a "1"` {
		t.Errorf("%+v", rest)
	}
	// Buying No at 0.40 is selling Yes at 0.60: it trades at 0.62, which is 0.38 for No.
	no := s.place(bob, m, `{"outcome":"no","side":"buy","price":"0.4000","quantity":4,"time_in_force":"ioc"}`)
	if no.Outcome != api.No || no.Side != api.Buy || no.Price != 4_000 || no.Status != api.StatusFilled || no.Filled != 4 ||
		no.Cost != 4*3_800 || no.Fees != 0 {
		t.Errorf("%+v", no)
	}
	got := want[api.Order](t, 200, s.get(ada, fmt.Sprintf("/api/markets/%d/orders/%d", m, rest.Order)))
	if got.Filled != 4 || got.Remaining != 6 || got.Status != api.StatusOpen {
		t.Errorf("%+v", got)
	}
	done := want[api.Order](t, 200, s.get(bob, fmt.Sprintf("/api/markets/%d/orders/%d", m, no.Order)))
	if done.Outcome != api.No || done.Side != api.Buy || done.Price != 4_000 || done.Status != api.StatusFilled || done.Filled != 4 {
		t.Errorf("%+v", done)
	}
	position := want[api.Positions](t, 200, s.get(bob, "/api/positions")).Positions
	if len(position) != 1 || position[0].Outcome != api.No || position[0].Quantity != 4 || position[0].MarkPrice != 3_800 {
		t.Errorf("%+v", position)
	}
}

func TestPlaceOrderInCategoricalMarket(t *testing.T) {
	s := newSite(t)
	ada := s.trader("ada", "100")
	m := s.market(`,"outcomes":["Ann","Ben \"the\" Éclair","Cy"],"tick":{"step":"0.01"}`)

	o := s.place(ada, m, `{"outcome":"Ben \"the\" \u00c9clair","side":"sell","price":"0.3","quantity":2}`)
	if o.Outcome != `Ben "the" Éclair` || o.Contract != api.Yes || o.Side != api.Sell {
		t.Errorf("%+v", o)
	}
	o = s.place(ada, m, `{"outcome":"Cy","contract":"no","side":"buy","price":"0.9","quantity":2}`)
	if o.Outcome != "Cy" || o.Contract != api.No || o.Side != api.Buy || o.Price != 9_000 {
		t.Errorf("%+v", o)
	}
	refused(t, s.tryPlace(ada, m, `{"outcome":"Dee","side":"buy","price":"0.9","quantity":2}`), 422, "outcome_not_found", "outcome")
	refused(t, s.tryPlace(ada, m, `{"outcome":"yes","side":"buy","price":"0.9","quantity":2}`), 422, "outcome_not_found", "outcome")
	refused(t, s.tryPlace(ada, m, `{"outcome":"Cy","side":"buy","price":"0.905","quantity":2}`), 422, "price_off_tick", "price")
	binary := s.market("")
	refused(t, s.tryPlace(ada, binary, `{"outcome":"yes","contract":"no","side":"buy","price":"0.9","quantity":2}`), 400, "invalid_field", "contract")
}

func TestMarketOrderNeedsABound(t *testing.T) {
	s := newSite(t)
	ada, bob := s.trader("ada", "100"), s.trader("bob", "100")
	m := s.market("")
	s.place(ada, m, `{"outcome":"yes","side":"sell","price":"0.7","quantity":5}`)
	refused(t, s.tryPlace(bob, m, `{"outcome":"yes","side":"buy","type":"market","quantity":5}`), 400, "missing_field", "price")
	o := s.place(bob, m, `{"outcome":"yes","side":"buy","type":"market","quantity":5,"max_cost":"2.2"}`)
	if o.Filled != 3 || o.Price != 9_999 || o.Type != api.TypeMarket || o.TimeInForce != api.IOC || o.Status != api.StatusCancelled {
		t.Errorf("%+v", o)
	}
	got := want[api.Order](t, 200, s.get(bob, fmt.Sprintf("/api/markets/%d/orders/%d", m, o.Order)))
	if got.Status != api.StatusCancelled || got.Reason != "cost_limit" || got.Type != api.TypeMarket || got.Filled != 3 || got.Remaining != 0 {
		t.Errorf("%+v", got)
	}
}

// A retry gets the same bytes, whatever happened in between and however the first one ended.
func TestReplayGivesTheSameBytes(t *testing.T) {
	s := newSite(t)
	ada, bob := s.trader("ada", "100"), s.trader("bob", "10")
	m := s.market("")
	orders := fmt.Sprintf("/api/markets/%d/orders", m)
	first := s.place(ada, m, `{"outcome":"no","side":"buy","price":"0.5","quantity":10}`)
	order := fmt.Sprintf("%s/%d", orders, first.Order)
	requests := map[string]ask{
		"resting":     {method: "POST", path: orders, token: bob.token, key: "1", body: `{"outcome":"yes","side":"buy","price":"0.1","quantity":1}`},
		"filled":      {method: "POST", path: orders, token: bob.token, key: "2", body: `{"outcome":"yes","side":"buy","price":"0.5","quantity":2}`},
		"poor":        {method: "POST", path: orders, token: bob.token, key: "3", body: `{"outcome":"yes","side":"buy","price":"0.5","quantity":500}`},
		"by its id":   {method: "POST", path: orders, token: bob.token, body: `{"outcome":"yes","side":"buy","price":"0.1","quantity":1,"client_order_id":"own"}`},
		"amended":     {method: "PATCH", path: order, token: ada.token, key: "4", body: `{"price":"0.45","quantity":8}`},
		"stale":       {method: "PATCH", path: order, token: ada.token, key: "5", body: `{"quantity":7}`, header: map[string]string{"If-Match": `"1"`}},
		"cancelled":   {method: "DELETE", path: order, token: ada.token, key: "6"},
		"all":         {method: "DELETE", path: "/api/orders", token: ada.token, key: "7"},
		"deposit":     {method: "POST", path: "/api/deposits", token: ada.token, key: "8", body: `{"amount":"5"}`},
		"withdrawal":  {method: "POST", path: "/api/withdrawals", token: ada.token, key: "9", body: `{"amount":"5000"}`},
		"group":       {method: "POST", path: "/api/groups", token: ada.token, key: "10", body: `{"limit":5,"window_seconds":60}`},
		"switch":      {method: "PUT", path: "/api/dead-mans-switch", token: ada.token, key: "11", body: `{"timeout_seconds":60}`},
		"key":         {method: "POST", path: "/api/keys", token: ada.token, key: "12", body: `{"label":"bot"}`},
		"register":    {method: "POST", path: "/api/register", key: "13", body: `{"name":"cleo","password":"correct horse"}`},
		"market":      {method: "POST", path: "/api/admin/markets", token: adminKey, key: "14", body: `{"question":"Is this one new?"}`},
		"account":     {method: "POST", path: "/api/admin/accounts", token: adminKey, key: "15", body: `{"name":"dora"}`},
		"funds":       {method: "POST", path: "/api/admin/accounts/1/deposits", token: adminKey, key: "16", body: `{"amount":"1","reference":"gift"}`},
		"admin's key": {method: "POST", path: "/api/admin/accounts/1/keys", token: adminKey, key: "17", body: `{"permissions":["read"]}`},
		"batch": {method: "POST", path: "/api/orders/batch", token: bob.token, key: "18", body: fmt.Sprintf(
			`{"cancels":[{"market":"%d","order":"99"}],"orders":[{"market":"%d","outcome":"yes","side":"buy","price":"0.1","quantity":1},`+
				`{"market":"%d","outcome":"yes","side":"buy","price":"0.1","quantity":1,"client_order_id":"in a batch"}]}`, m, m, m)},
	}
	sequence := []string{"resting", "filled", "poor", "by its id", "amended", "stale", "cancelled", "all", "deposit", "withdrawal",
		"group", "switch", "key", "register", "market", "account", "funds", "admin's key", "batch"}
	type kept struct {
		status int
		body   string
		seq    string
	}
	firsts := map[string]kept{}
	for _, name := range sequence {
		w := s.do(requests[name])
		if w.Code >= 500 || w.Code == 400 || w.Code == 401 {
			t.Fatalf("%s: %d %s", name, w.Code, w.Body)
		}
		if w.Header().Get(api.HeaderSeq) == "" {
			t.Errorf("%s: no seq", name)
		}
		firsts[name] = kept{w.Code, w.Body.String(), w.Header().Get(api.HeaderSeq)}
	}
	if len(firsts) != len(requests) {
		t.Fatal("a request is not in the sequence")
	}
	before := s.shard.Seq()
	for name, first := range firsts {
		w := s.do(requests[name])
		if again := (kept{w.Code, w.Body.String(), w.Header().Get(api.HeaderSeq)}); again != first {
			t.Errorf("%s\nfirst %+v\nagain %+v", name, first, again)
		}
	}
	if s.shard.Seq() != before {
		t.Errorf("the retries made %d events", s.shard.Seq()-before)
	}
	if login := s.do(ask{method: "POST", path: "/api/login", key: "19", body: `{"name":"cleo","password":"correct horse"}`}); login.Code != 201 {
		t.Fatal(login.Body)
	} else if again := s.do(ask{method: "POST", path: "/api/login", key: "19", body: `{"name":"cleo","password":"correct horse"}`}); again.Body.String() != login.Body.String() {
		t.Errorf("login\nfirst %s\nagain %s", login.Body, again.Body)
	}
}

func TestKeyReusedForSomethingElse(t *testing.T) {
	s := newSite(t)
	ada, bob := s.trader("ada", "100"), s.trader("bob", "100")
	m := s.market("")
	path := fmt.Sprintf("/api/markets/%d/orders", m)
	body := `{"outcome":"yes","side":"buy","price":"0.1","quantity":1,"client_order_id":"mine"}`
	a := want[api.OrderAnswer](t, 201, s.do(ask{method: "POST", path: path, token: ada.token, body: body}))
	b := want[api.OrderAnswer](t, 201, s.do(ask{method: "POST", path: path, token: bob.token, body: body}))
	if a.Order == b.Order {
		t.Error("two accounts share a key")
	}
	// The same text in the header is another key.
	c := want[api.OrderAnswer](t, 201, s.do(ask{method: "POST", path: path, token: ada.token, key: "mine", body: body}))
	if a.Order == c.Order {
		t.Error("header and client_order_id share a key")
	}
	other := `{"outcome":"yes","side":"buy","price":"0.1","quantity":2,"client_order_id":"mine"}`
	p := refused(t, s.do(ask{method: "POST", path: path, token: ada.token, body: other}), 422, "idempotency_key_reused", "")
	if p.Retry != api.RetryChange {
		t.Errorf("%+v", p)
	}
	refused(t, s.do(ask{method: "POST", path: path, token: ada.token, body: `{"outcome":"yes","side":"buy","price":"0.1","quantity":2}`}),
		400, "idempotency_key_required", "client_order_id")
}

func TestAmendOrder(t *testing.T) {
	s := newSite(t)
	ada, bob := s.trader("ada", "100"), s.trader("bob", "100")
	m := s.market("")
	o := s.place(ada, m, `{"outcome":"no","side":"buy","price":"0.38","quantity":10}`)
	path := fmt.Sprintf("/api/markets/%d/orders/%d", m, o.Order)
	amend := func(tr trader, body, match string) ask {
		a := ask{method: "PATCH", path: path, token: tr.token, key: fresh(), body: body}
		if match != "" {
			a.header = map[string]string{"If-Match": match}
		}
		return a
	}
	// Without a contract the price is in the order's own terms.
	got := want[api.AmendAnswer](t, 200, s.do(amend(ada, `{"price":"0.39"}`, `"1"`)))
	if got.Contract != api.No || got.Price != 3_900 || got.Version != 2 || got.Status != api.StatusOpen || got.Remaining != 10 {
		t.Errorf("%+v", got)
	}
	if now := want[api.Order](t, 200, s.get(ada, path)); now.Price != 3_900 || now.Outcome != api.No || now.Version != 2 {
		t.Errorf("%+v", now)
	}
	refused(t, s.do(amend(ada, `{"price":"0.4"}`, `"1"`)), 412, "version_mismatch", "")
	got = want[api.AmendAnswer](t, 200, s.do(amend(ada, `{"price":"0.6","contract":"yes"}`, "")))
	if now := want[api.Order](t, 200, s.get(ada, path)); now.Price != 4_000 || got.Price != 6_000 || got.Contract != api.Yes {
		t.Errorf("%+v, %+v", now, got)
	}
	got = want[api.AmendAnswer](t, 200, s.do(amend(ada, `{"quantity":6}`, "")))
	if got.Remaining != 6 || got.Price != 0 || got.Quantity != 6 || got.Contract != "" {
		t.Errorf("%+v", got)
	}
	// Another's order does not exist, whether its terms have to be looked up or not.
	one := refused(t, s.do(amend(bob, `{"price":"0.4"}`, "")), 404, "order_not_found", "order")
	two := refused(t, s.do(amend(bob, `{"quantity":4}`, "")), 404, "order_not_found", "")
	if one.Detail != two.Detail {
		t.Errorf("%+v, %+v", one, two)
	}
	refused(t, s.do(amend(ada, `{}`, "")), 400, "missing_field", "price")
	refused(t, s.do(amend(ada, `{"contract":"yes","quantity":3}`, "")), 400, "invalid_field", "contract")
	refused(t, s.do(ask{method: "PATCH", path: path, token: ada.token, body: `{"quantity":3}`}), 400, "idempotency_key_required", api.HeaderKey)
	for _, bad := range []string{`1`, `""`, `"01"`, `W/"1-x"`, `W/1`, `"1-"`, `*`, `"1", "2"`, `"x"`, `"4294967296"`} {
		refused(t, s.do(amend(ada, `{"quantity":3}`, bad)), 400, "if_match_invalid", "If-Match")
	}
	crossing := s.place(bob, m, `{"outcome":"no","side":"sell","price":"0.55","quantity":6}`)
	if got = want[api.AmendAnswer](t, 200, s.do(amend(ada, `{"price":"0.56"}`, ""))); got.Status != api.StatusDone || got.Filled != 6 ||
		got.Cost != 6*5_500 {
		t.Errorf("%+v after %+v", got, crossing)
	}
}

func TestCancelOrders(t *testing.T) {
	s := newSite(t)
	ada, bob := s.trader("ada", "100"), s.trader("bob", "100")
	m, n := s.market(""), s.market("")
	body := `{"outcome":"yes","side":"buy","price":"0.1","quantity":1}`
	one, _, three := s.place(ada, m, body), s.place(ada, m, body), s.place(ada, n, body)
	path := fmt.Sprintf("/api/markets/%d/orders/%d", m, one.Order)
	refused(t, s.do(ask{method: "DELETE", path: path, token: bob.token}), 404, "order_not_found", "")
	refused(t, s.do(ask{method: "DELETE", path: fmt.Sprintf("/api/markets/%d/orders/%d", n, one.Order), token: ada.token}), 404, "order_not_found", "")
	if got := want[api.CancelAnswer](t, 200, s.do(ask{method: "DELETE", path: path, token: ada.token})); got.Order != one.Order || got.Market != m {
		t.Errorf("%+v", got)
	}
	refused(t, s.do(ask{method: "DELETE", path: path, token: ada.token}), 404, "order_not_found", "")
	want[api.MassCancelAnswer](t, 200, s.do(ask{method: "DELETE", path: fmt.Sprintf("/api/orders?market=%d", m), token: ada.token}))
	open := want[api.Orders](t, 200, s.get(ada, "/api/orders")).Orders
	if len(open) != 1 || open[0].Order != three.Order {
		t.Errorf("%+v", open)
	}
	all := want[api.Orders](t, 200, s.get(ada, "/api/orders?status=all")).Orders
	if len(all) != 3 || all[0].Order != three.Order || all[1].Reason != "mass_cancel" || all[2].Reason != "requested" || all[2].Status != api.StatusCancelled {
		t.Errorf("%+v", all)
	}
}

func TestBatch(t *testing.T) {
	s := newSite(t)
	ada := s.trader("ada", "1")
	m, n := s.market(""), s.market(`,"outcomes":["A","B"]`)
	rest := s.place(ada, m, `{"outcome":"yes","side":"buy","price":"0.1","quantity":1}`)
	body := fmt.Sprintf(`{"orders":[
		{"market":"%d","outcome":"yes","side":"buy","price":"0.2","quantity":2},
		{"market":"%d","outcome":"B","side":"buy","price":"0.9","quantity":2,"client_order_id":"b"},
		{"outcome":"A","market":"%d","side":"sell","price":"0.9","quantity":3}],
		"cancels":[{"order":"%d","market":"%d"},{"market":"%d","order":"5"}]}`, m, n, n, rest.Order, m, m)
	w := s.do(ask{method: "POST", path: "/api/orders/batch", token: ada.token, key: fresh(), body: body})
	got := want[api.BatchAnswer](t, 200, w)
	if len(got.Orders) != 3 || len(got.Cancels) != 2 {
		t.Fatalf("%s", w.Body)
	}
	if got.Cancels[0].Cancelled == nil || got.Cancels[0].Cancelled.Order != rest.Order || got.Cancels[1].Refused.Code != "order_not_found" {
		t.Errorf("%s", w.Body)
	}
	if got.Orders[0].Placed == nil || got.Orders[1].Refused.Code != "insufficient_funds" || got.Orders[2].Placed.Outcome != "A" {
		t.Errorf("%s", w.Body)
	}
	if got.Seq != got.Orders[2].Placed.Seq || w.Header().Get(api.HeaderSeq) != got.Seq.String() {
		t.Errorf("%s", w.Body)
	}
}
