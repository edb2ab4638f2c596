package gateway

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/hustings/hustings/api"
)

// want reads the answer as T, and fails the test if its status is another or if it is not exactly the JSON of T.
func want[T any](tb testing.TB, status int, w *httptest.ResponseRecorder) T {
	tb.Helper()
	var v T
	if w.Code != status {
		tb.Fatalf("status %d, not %d: %s", w.Code, status, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &v, json.RejectUnknownMembers(true)); err != nil {
		tb.Fatalf("%v in %s", err, w.Body)
	}
	again, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		tb.Fatal(err)
	}
	if diff := cmp.Diff(string(again), w.Body.String()); diff != "" {
		tb.Fatalf("not the JSON of %T (-want +got):\n%s", v, diff)
	}
	return v
}

// refused checks the code and the field of a refusal.
func refused(tb testing.TB, w *httptest.ResponseRecorder, status int, code, field string) api.Problem {
	tb.Helper()
	p := want[api.Problem](tb, status, w)
	if p.Code != code || p.Field != field || p.Status != status || p.Type != api.ProblemURI(code) || p.Title == "" || p.Detail == "" {
		tb.Fatalf("not %s of %q: %s", code, field, w.Body)
	}
	if got := w.Header().Get(api.HeaderSeq); (got != "") != (p.Seq != 0) {
		tb.Fatalf("the header says seq %q: %s", got, w.Body)
	}
	if got := w.Header().Get("Content-Type"); got != api.ProblemType {
		tb.Fatalf("Content-Type %q", got)
	}
	return p
}

type trader struct {
	account api.ID
	token   string
}

var keys int

// fresh returns an idempotency key that was not used before. Tests that use it do not run in parallel.
func fresh() string { keys++; return fmt.Sprint("key-", keys) }

func (s *site) trader(name, cash string) trader {
	s.tb.Helper()
	a := want[api.RegisterAnswer](s.tb, 201, s.do(ask{
		method: "POST", path: "/api/admin/accounts", body: `{"name":"` + name + `"}`, token: adminKey}))
	path := "/api/admin/accounts/" + a.Account.String()
	k := want[api.KeyAnswer](s.tb, 201, s.do(ask{method: "POST", path: path + "/keys", body: `{}`, token: adminKey, key: fresh()}))
	if cash != "" {
		want[api.TransferAnswer](s.tb, 201, s.do(ask{
			method: "POST", path: path + "/deposits", body: `{"amount":"` + cash + `"}`, token: adminKey, key: fresh()}))
	}
	return trader{a.Account, k.Secret}
}

// market makes a market; more is what its JSON has beside the question.
func (s *site) market(more string) api.ID {
	s.tb.Helper()
	return want[api.MarketAnswer](s.tb, 201, s.do(ask{
		method: "POST", path: "/api/admin/markets", token: adminKey, key: fresh(),
		body: `{"question":"Will it be tested?"` + more + `}`})).Market
}

func (s *site) place(t trader, market api.ID, body string) api.OrderAnswer {
	s.tb.Helper()
	return want[api.OrderAnswer](s.tb, 201, s.tryPlace(t, market, body))
}

// lagging has the read model lag behind until it catches up. Who waits for that waits for as long as it takes here.
func (s *site) lagging() {
	s.server.waitLimit = time.Minute
	s.lag.Store(true)
}

func (s *site) tryPlace(t trader, market api.ID, body string) *httptest.ResponseRecorder {
	return s.do(ask{method: "POST", path: fmt.Sprintf("/api/markets/%d/orders", market), body: body, token: t.token, key: fresh()})
}

func (s *site) get(t trader, path string) *httptest.ResponseRecorder {
	return s.do(ask{method: "GET", path: path, token: t.token})
}

func (s *site) admin(method, path, body string) *httptest.ResponseRecorder {
	return s.do(ask{method: method, path: "/api/admin" + path, body: body, token: adminKey, key: fresh()})
}
