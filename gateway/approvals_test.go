package gateway

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// operators are two of them with keys of their own, beside the admin key.
type operators struct {
	*site
	olga, otto string
}

func newOperators(t *testing.T) operators {
	s := newSite(t)
	s.latestRules()
	key := func(name string) string { return s.keyFor(s.trader(name, ""), `{"permissions":["admin"]}`).Secret }
	return operators{s, key("olga"), key("otto")}
}

func (s *operators) as(token, method, path, body string) *httptest.ResponseRecorder {
	return s.do(ask{method: method, path: "/api/admin" + path, body: body, token: token, key: fresh()})
}

func (s *operators) waiting() []api.Proposal {
	s.tb.Helper()
	return want[api.Proposals](s.tb, 200, s.admin("GET", "/proposals", "")).Proposals
}

func TestApprovalsNeedRules(t *testing.T) {
	s := newSite(t)
	s.command(&exchange.SwitchRules{Version: exchange.GuardRules})
	refused(t, s.admin("PUT", "/approvals", `{"reversals":true,"withdrawals":"0"}`), 409, "rules_too_old", "")
	refused(t, s.admin("POST", "/proposals/1/approve", ""), 409, "rules_too_old", "")
	if a := want[api.Approvals](t, 200, s.admin("GET", "/approvals", "")); a.Reversals || a.Withdrawals != 0 {
		t.Errorf("%+v", a)
	}
}

func TestReversalsNeedTwo(t *testing.T) {
	s := newOperators(t)
	m := s.market(`,"dispute_window_seconds":3600`)
	path := fmt.Sprintf("/markets/%d/", m)
	want[api.MarketAnswer](t, 200, s.as(s.olga, "POST", path+"resolve", `{"values":["1"],"source":"the count"}`))
	want[api.ApprovalsAnswer](t, 200, s.as(s.olga, "PUT", "/approvals", `{"reversals":true,"withdrawals":"0"}`))

	again := ask{method: "POST", path: "/api/admin" + path + "resolve", token: s.olga, key: "again", body: `{"values":["0"],"source":"a recount","evidence":"page 3"}`}
	kept := want[api.MarketAnswer](t, 202, s.do(again))
	if same := want[api.MarketAnswer](t, 202, s.do(again)); same != kept || kept.Proposal == 0 || kept.Market != m || kept.Version != 2 {
		t.Errorf("%+v, again %+v", kept, same)
	}
	void := want[api.MarketAnswer](t, 202, s.admin("POST", path+"void", `{"reason":"a mistake"}`))
	all := s.waiting()
	if len(all) != 2 || all[0].Proposal != kept.Proposal || all[0].Act != "resolveMarket" || all[0].Operator == 0 || all[0].Key == 0 ||
		len(all[0].Values) != 1 || all[0].Values[0] != 0 || all[0].Source != "a recount" || all[0].Evidence != "page 3" || all[0].Version != 2 {
		t.Errorf("%+v", all)
	}
	if v := all[1]; v.Proposal != void.Proposal || v.Act != "voidMarket" || v.Operator != 0 || v.Reason != "a mistake" || v.LapsesAt-v.ProposedAt != api.Time(exchange.ProposalLife) {
		t.Errorf("%+v", v)
	}
	yes := fmt.Sprintf("/proposals/%d/approve", kept.Proposal)
	refused(t, s.as(s.olga, "POST", yes, ""), 409, "own_proposal", "")
	if now := want[api.MarketInfo](t, 200, s.admin("GET", path[:len(path)-1], "")); now.Version != 2 {
		t.Errorf("before it is approved: %+v", now)
	}
	approve := ask{method: "POST", path: "/api/admin" + yes, token: s.otto, key: "yes"}
	done := want[api.ProposalAnswer](t, 200, s.do(approve))
	if same := want[api.ProposalAnswer](t, 200, s.do(approve)); same != done {
		t.Errorf("%+v, again %+v", done, same)
	}
	refused(t, s.as(s.otto, "POST", yes, ""), 404, "proposal_not_found", "")
	if same := want[api.MarketAnswer](t, 202, s.do(again)); same != kept {
		t.Errorf("who proposed it is answered %+v, first %+v", same, kept)
	}
	if now, _ := s.view.Market(exchange.MarketID(m)); now.Version != 3 || now.Books[0].Value != 0 || now.Ending.Source != "a recount" {
		t.Errorf("after it was approved: %+v", now)
	}
	refused(t, s.as(s.otto, "POST", fmt.Sprintf("/proposals/%d/approve", void.Proposal), ""), 412, "version_mismatch", "")
	want[api.ProposalAnswer](t, 200, s.admin("POST", fmt.Sprintf("/proposals/%d/reject", void.Proposal), ""))
	if all := s.waiting(); len(all) != 0 {
		t.Errorf("%+v", all)
	}
}

func TestLargeWithdrawalsNeedTwo(t *testing.T) {
	s := newOperators(t)
	ada := s.trader("ada", "100")
	pay := fmt.Sprintf("/accounts/%d/withdrawals", ada.account)
	cash := func() exchange.Money {
		a, _ := s.view.Account(exchange.AccountID(ada.account))
		return a.Cash
	}
	refused(t, s.admin("PUT", "/approvals", `{"reversals":false,"withdrawals":"-1"}`), 422, "amount_out_of_range", "withdrawals")
	refused(t, s.admin("PUT", "/approvals", `{"reversals":false}`), 400, "missing_field", "withdrawals")
	want[api.ApprovalsAnswer](t, 200, s.admin("PUT", "/approvals", `{"reversals":false,"withdrawals":"10"}`))
	own := func(amount string) *httptest.ResponseRecorder {
		return s.do(ask{method: "POST", path: "/api/withdrawals", token: ada.token, key: fresh(), body: `{"amount":"` + amount + `"}`})
	}
	want[api.TransferAnswer](t, 201, own("10"))
	refused(t, own("10.0001"), 409, "approval_needed", "")
	if w := own("11"); !strings.Contains(w.Body.String(), "Ask the operator to make it.") {
		t.Errorf("a trader is told %s", w.Body)
	}
	if a := want[api.TransferAnswer](t, 201, s.admin("POST", pay, `{"amount":"10"}`)); a.Proposal != 0 {
		t.Errorf("%+v", a)
	}
	refused(t, s.admin("POST", pay, `{"amount":"90"}`), 402, "insufficient_funds", "")
	kept := want[api.TransferAnswer](t, 202, s.admin("POST", pay, `{"amount":"50","reference":"wire"}`))
	if all := s.waiting(); len(all) != 1 || all[0].Act != "adminWithdraw" || all[0].Account != ada.account || all[0].Amount != 50_0000 || all[0].Reference != "wire" {
		t.Errorf("%+v", all)
	}
	yes := fmt.Sprintf("/proposals/%d/approve", kept.Proposal)
	refused(t, s.admin("POST", yes, ""), 409, "own_proposal", "")
	refused(t, s.do(ask{method: "POST", path: "/api/admin" + yes, token: ada.token, key: fresh()}), 401, "unauthenticated", "Authorization")
	if cash() != 80_0000 {
		t.Errorf("before it is approved: %v", cash())
	}
	want[api.ProposalAnswer](t, 200, s.as(s.olga, "POST", yes, ""))
	if cash() != 30_0000 {
		t.Errorf("after it was approved: %v", cash())
	}

	// That less needs two, needs two.
	less := want[api.ApprovalsAnswer](t, 202, s.admin("PUT", "/approvals", `{"reversals":true,"withdrawals":"0"}`))
	if less.Proposal == 0 || !less.Reversals || less.Withdrawals != 0 {
		t.Errorf("%+v", less)
	}
	if all := s.waiting(); len(all) != 1 || all[0].Act != "setApprovals" || all[0].Approvals == nil || !all[0].Approvals.Reversals || all[0].Approvals.Withdrawals != 0 {
		t.Errorf("%+v", all)
	}
	want[api.ProposalAnswer](t, 200, s.as(s.otto, "POST", fmt.Sprintf("/proposals/%d/approve", less.Proposal), ""))
	if a := want[api.Approvals](t, 200, s.admin("GET", "/approvals", "")); !a.Reversals || a.Withdrawals != 0 {
		t.Errorf("%+v", a)
	}
	want[api.TransferAnswer](t, 201, own("30"))
	refused(t, s.admin("POST", "/proposals/99/reject", ""), 404, "proposal_not_found", "")
	refused(t, s.admin("POST", "/proposals/x/reject", ""), 404, "proposal_not_found", "proposal")
}
