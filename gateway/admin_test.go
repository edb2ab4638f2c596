package gateway

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hustings/hustings/api"
)

func TestMarketLifecycle(t *testing.T) {
	s := newSite(t)
	ada, bob := s.trader("ada", "100"), s.trader("bob", "100")
	m := s.market(`,"rules":"Line one\n\tLine two","taker_fee":"0.05","maker_share":"0.5","collar":"0.2","position_limit":500,` +
		`"tick":{"step":"0.01","edge_step":"0.001","edge_width":"0.1"},"close_at":"2040-01-01T00:00:00Z","keep_orders_on_suspend":true`)
	path := fmt.Sprintf("/markets/%d", m)
	read := func() (api.MarketInfo, string) {
		w := s.do(ask{method: "GET", path: "/api" + path})
		return want[api.MarketInfo](t, 200, w), w.Header().Get("ETag")
	}
	info, tag := read()
	if !strings.HasPrefix(tag, `W/"1-`) || info.Status != "open" || info.Kind != api.Binary || info.Tick != (api.Tick{Step: 100, EdgeStep: 10, EdgeWidth: 1_000}) ||
		info.TakerFee != 500 || info.MakerShare != 5_000 || info.Collar != 2_000 || info.PositionLimit != 500 || !info.KeepOrdersOnSuspend ||
		info.Rules != "Line one\n\tLine two" || len(info.Outcomes) != 2 {
		t.Errorf("%s %+v", tag, info)
	}
	act := func(word, body, match string) ask {
		a := ask{method: "POST", path: "/api/admin" + path + "/" + word, body: body, token: adminKey, key: fresh()}
		if word == "" {
			a.method, a.path = "PATCH", "/api/admin"+path
		}
		if match != "" {
			a.header = map[string]string{"If-Match": match}
		}
		return a
	}
	got := want[api.MarketAnswer](t, 200, s.do(act("", `{"question":"Will it be tested well?"}`, tag)))
	if info, newTag := read(); info.Question != "Will it be tested well?" || info.CloseAt != 2_208_988_800_000_000_000 || !strings.HasPrefix(newTag, fmt.Sprintf(`W/"%d-`, got.Version)) {
		t.Errorf("%s %+v", newTag, info)
	}
	refused(t, s.do(act("", `{"question":"Will it be tested badly?"}`, tag)), 412, "version_mismatch", "")
	refused(t, s.do(act("suspend", "", tag)), 412, "version_mismatch", "")

	s.place(ada, m, `{"outcome":"yes","side":"buy","price":"0.6","quantity":100}`)
	refused(t, s.do(act("", `{"rules":"New rules"}`, "")), 409, "rules_immutable", "")
	_, tag = read()
	want[api.MarketAnswer](t, 200, s.do(act("suspend", "", tag)))
	refused(t, s.tryPlace(bob, m, `{"outcome":"no","side":"buy","price":"0.4","quantity":100}`), 409, "market_not_open", "")
	refused(t, s.do(act("suspend", "", "")), 409, "market_state", "")
	want[api.MarketAnswer](t, 200, s.do(act("resume", "{}", "")))
	s.place(bob, m, `{"outcome":"no","side":"buy","price":"0.4","quantity":50}`)
	want[api.MarketAnswer](t, 200, s.do(act("cancel-orders", "", "")))
	if open := want[api.Orders](t, 200, s.get(ada, "/api/orders")).Orders; len(open) != 0 {
		t.Errorf("%+v", open)
	}
	want[api.MarketAnswer](t, 200, s.do(act("close", "", "")))
	refused(t, s.do(act("resolve", `{"values":["0.5","0.5"],"source":"The Times"}`, "")), 422, "settlement_values_invalid", "")
	want[api.MarketAnswer](t, 200, s.do(act("resolve", `{"values":["0.75"],"source":"The Times","evidence":"Page 1\nColumn 2"}`, "")))
	info, _ = read()
	wantResolution := &api.Resolution{Values: []api.Price{7_500, 2_500}, Source: "The Times", Evidence: "Page 1\nColumn 2", PayAfter: info.Resolution.PayAfter}
	if diff := cmp.Diff(wantResolution, info.Resolution); diff != "" || info.Status != "settled" {
		t.Errorf("%s\n%s", info.Status, diff)
	}
	settled := want[api.Settlements](t, 200, s.get(bob, "/api/settlements")).Settlements
	if len(settled) != 1 || settled[0].Kind != "payout" || settled[0].No != 50 || settled[0].Amount != 50*2_500 || settled[0].Outcome != "" {
		t.Errorf("%+v", settled)
	}
	refused(t, s.do(act("void", `{"reason":"Too late"}`, "")), 409, "market_state", "")
}

func TestVoidGivesRefunds(t *testing.T) {
	s := newSite(t)
	ada, bob := s.trader("ada", "100"), s.trader("bob", "100")
	m := s.market(`,"outcomes":["A","B"],"taker_fee":"0.05"`)
	s.place(ada, m, `{"outcome":"B","side":"buy","price":"0.6","quantity":100}`)
	s.place(bob, m, `{"outcome":"B","side":"sell","price":"0.6","quantity":100}`)
	want[api.MarketAnswer](t, 200, s.admin("POST", fmt.Sprintf("/markets/%d/void", m), `{"reason":"The question was bad"}`))
	for _, who := range []trader{ada, bob} {
		f := want[api.Portfolio](t, 200, s.get(who, "/api/portfolio"))
		if f.Cash != 1_000_000 || f.Equity != 1_000_000 || f.Held != 0 || len(f.Positions) != 0 {
			t.Errorf("%+v", f)
		}
		if got := want[api.Settlements](t, 200, s.get(who, "/api/settlements")).Settlements; len(got) != 1 || got[0].Kind != "refund" {
			t.Errorf("%+v", got)
		}
	}
	info := want[api.MarketInfo](t, 200, s.do(ask{method: "GET", path: fmt.Sprintf("/api/markets/%d", m)}))
	if info.Status != "voided" || info.VoidReason != "The question was bad" || info.Resolution != nil || info.Kind != api.Categorical {
		t.Errorf("%+v", info)
	}
}

func TestAccountsAndLimits(t *testing.T) {
	s := newSite(t)
	ada := s.trader("ada", "100")
	s.trader("bob", "")
	m := s.market("")
	path := fmt.Sprintf("/accounts/%d", ada.account)
	w := s.admin("GET", path, "")
	info := want[api.AccountInfo](t, 200, w)
	if info.Name != "ada" || info.Cash != 1_000_000 || w.Header().Get("ETag") != fmt.Sprintf(`"%d"`, info.Version) {
		t.Errorf("%+v", info)
	}
	limits := func(body, match string) ask {
		return ask{method: "PUT", path: "/api/admin" + path + "/limits", token: adminKey, body: body, header: map[string]string{"If-Match": match}}
	}
	got := want[api.AccountAnswer](t, 200, s.do(limits(`{"max_open_orders":1,"blocked":false}`, w.Header().Get("ETag"))))
	refused(t, s.do(limits(`{"max_open_orders":9,"blocked":false}`, w.Header().Get("ETag"))), 412, "version_mismatch", "")
	body := `{"outcome":"yes","side":"buy","price":"0.1","quantity":1}`
	s.place(ada, m, body)
	refused(t, s.tryPlace(ada, m, body), 409, "too_many_orders", "")
	want[api.AccountAnswer](t, 200, s.do(limits(`{"max_open_orders":1,"blocked":true}`, fmt.Sprintf(`"%d"`, got.Version))))
	refused(t, s.tryPlace(ada, m, body), 403, "account_blocked", "")
	refused(t, s.do(ask{method: "POST", path: "/api/withdrawals", token: ada.token, key: "w", body: `{"amount":"1"}`}), 403, "account_blocked", "")
	if me := want[api.AccountInfo](t, 200, s.get(ada, "/api/account")); !me.Blocked || me.OpenOrders != 0 || me.Cash != 1_000_000 {
		t.Errorf("%+v", me)
	}
	refused(t, s.admin("GET", "/accounts/99", ""), 404, "account_not_found", "account")
	refused(t, s.admin("POST", "/accounts/99/deposits", `{"amount":"1"}`), 404, "account_not_found", "")
	var names []string
	for _, p := range pages(t, s, trader{token: adminKey}, "/api/admin/accounts?limit=1", func(a api.Accounts) int { return len(a.Accounts) }, func(a api.Accounts) api.Page { return a.Page }) {
		names = append(names, p.Accounts[0].Name)
	}
	if diff := cmp.Diff([]string{"ada", "bob"}, names); diff != "" {
		t.Error(diff)
	}
	if one := want[api.Accounts](t, 200, s.admin("GET", "/accounts?name=bob", "")).Accounts; len(one) != 1 || one[0].Name != "bob" {
		t.Errorf("%+v", one)
	}
}

func TestDepositsCanBeSwitchedOff(t *testing.T) {
	s := newSite(t, func(c *Config) { c.TraderDeposits = false })
	ada := s.trader("ada", "5")
	refused(t, s.do(ask{method: "POST", path: "/api/deposits", token: ada.token, key: "d", body: `{"amount":"1"}`}), 403, "disabled", "")
	got := want[api.TransferAnswer](t, 201, s.do(ask{method: "POST", path: "/api/withdrawals", token: ada.token, key: "d", body: `{"amount":"2","reference":"to my bank"}`}))
	if got.Amount != 20_000 || got.Reference != "to my bank" || got.Account != ada.account {
		t.Errorf("%+v", got)
	}
	refused(t, s.do(ask{method: "POST", path: "/api/withdrawals", token: ada.token, key: "e", body: `{"amount":"3.0001"}`}), 402, "insufficient_funds", "")
}

func TestGroupsAndSwitch(t *testing.T) {
	s := newSite(t)
	ada := s.trader("ada", "100")
	m := s.market("")
	g := want[api.GroupAnswer](t, 201, s.do(ask{method: "POST", path: "/api/groups", token: ada.token, key: "g", body: `{"limit":5,"window_seconds":60}`}))
	path := fmt.Sprintf("/api/groups/%d", g.Group)
	body := fmt.Sprintf(`{"outcome":"yes","side":"buy","price":"0.1","quantity":1,"group":"%d"}`, g.Group)
	o := s.place(ada, m, body)
	if got := want[api.Order](t, 200, s.get(ada, fmt.Sprintf("/api/markets/%d/orders/%d", m, o.Order))); got.Group != g.Group {
		t.Errorf("%+v", got)
	}
	want[api.GroupAnswer](t, 200, s.do(ask{method: "POST", path: path + "/trigger", token: ada.token}))
	if got := want[api.Group](t, 200, s.get(ada, path)); got != (api.Group{Group: g.Group, Limit: 5, WindowSeconds: 60, Status: "triggered"}) {
		t.Errorf("%+v", got)
	}
	refused(t, s.tryPlace(ada, m, body), 409, "group_triggered", "group")
	want[api.GroupAnswer](t, 200, s.do(ask{method: "POST", path: path + "/reset", token: ada.token, body: "{}"}))
	s.place(ada, m, body)
	want[api.GroupAnswer](t, 200, s.do(ask{method: "DELETE", path: path, token: ada.token}))
	if got := want[api.Groups](t, 200, s.get(ada, "/api/groups")).Groups; len(got) != 0 {
		t.Errorf("%+v", got)
	}
	refused(t, s.get(ada, path), 404, "group_not_found", "group")

	arm := func(seconds int) api.DeadMansSwitchAnswer {
		return want[api.DeadMansSwitchAnswer](t, 200, s.do(ask{method: "PUT", path: "/api/dead-mans-switch", token: ada.token, body: fmt.Sprintf(`{"timeout_seconds":%d}`, seconds)}))
	}
	armed := arm(60)
	if armed.Deadline != armed.Time+60e9 {
		t.Errorf("%+v", armed)
	}
	if me := want[api.AccountInfo](t, 200, s.get(ada, "/api/account")); me.DeadManAt != armed.Deadline {
		t.Errorf("%+v, %+v", me, armed)
	}
	if off := arm(0); off.Deadline != 0 {
		t.Errorf("%+v", off)
	}
}
