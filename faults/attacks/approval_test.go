package attacks

import (
	"testing"

	"github.com/hustings/hustings/api"
)

// One operator alone does nothing that needs two, whatever he tries; two do it once, also over a restart.
func TestTwoOperators(t *testing.T) {
	g := newGround(t)
	operator := func(name string) (key string) {
		account := take[api.RegisterAnswer](g, "createAccount", request{body: `{"name":"` + name + `"}`}).Account.String()
		return take[api.KeyAnswer](g, "adminCreateKey", request{ids: map[string]string{"account": account}, body: `{"permissions":["admin"]}`}).Secret
	}
	olga, otto := operator("olga"), operator("otto")
	market := take[api.MarketAnswer](g, "createMarket", request{body: `{"question":"Can one alone reverse it?","dispute_window_seconds":3600}`}).Market.String()
	here := map[string]string{"market": market, "account": g.ada.account.String()}
	resolve := func(value string) request {
		return request{token: olga, ids: here, body: `{"values":["` + value + `"],"source":"the count"}`}
	}
	take[api.MarketAnswer](g, "resolveMarket", resolve("1"))
	take[api.ApprovalsAnswer](g, "setApprovals", request{token: olga, body: `{"reversals":true,"withdrawals":"10"}`})

	version := func() uint32 { return take[api.MarketInfo](g, "adminGetMarket", request{ids: here}).Version }
	cash := func() api.Money { return take[api.AccountInfo](g, "adminGetAccount", request{ids: here}).Cash }
	weak := func() bool { return !take[api.Approvals](g, "getApprovals", request{}).Reversals }
	before := cash()
	pending := func(name string, q request) map[string]string {
		t.Helper()
		q.token = olga
		var proposal api.ID
		switch name {
		case "adminWithdraw":
			proposal = take[api.TransferAnswer](g, name, q).Proposal
		case "setApprovals":
			proposal = take[api.ApprovalsAnswer](g, name, q).Proposal
		default:
			proposal = take[api.MarketAnswer](g, name, q).Proposal
		}
		if proposal == 0 {
			t.Errorf("%s: it is not kept as a proposal", name)
		}
		return map[string]string{"proposal": proposal.String()}
	}
	reversal := pending("resolveMarket", resolve("0"))
	payment := pending("adminWithdraw", request{ids: here, body: `{"amount":"100"}`})
	weakening := pending("setApprovals", request{body: `{"reversals":false,"withdrawals":"0"}`})
	untouched := func(when string) {
		t.Helper()
		if version() != 2 || cash() != before || weak() {
			t.Errorf("%s: version %d, cash %v of %v, weakened %v", when, version(), cash(), before, weak())
		}
	}
	untouched("proposed")

	approve := route("approveProposal")
	refused := func(code string, q request) {
		t.Helper()
		if a := g.do(approve, q); a.code() != code {
			t.Errorf("%d %s, not %s", a.status, a.body, code)
		}
	}
	for _, proposal := range []map[string]string{reversal, payment, weakening} {
		refused("own_proposal", request{token: olga, ids: proposal})
		for _, token := range []string{g.ada.key, g.ada.session, g.ada.reading, g.ada.revoked, olga[:len(olga)-1]} {
			refused("unauthenticated", request{token: token, ids: proposal})
		}
		refused("proposal_not_found", request{token: otto, ids: map[string]string{"proposal": proposal["proposal"] + "0"}})
	}
	second := take[api.KeyAnswer](g, "adminCreateKey", request{ids: map[string]string{"account": take[api.Accounts](g, "listAccounts", request{query: "name=olga"}).Accounts[0].Account.String()},
		body: `{"permissions":["admin"],"label":"another key of hers"}`}).Secret
	refused("own_proposal", request{token: second, ids: reversal})
	if a := g.do(route("withdraw"), request{token: g.ada.key, body: `{"amount":"10.0001"}`}); a.code() != "approval_needed" {
		t.Errorf("her own withdrawal: %d %s", a.status, a.body)
	}
	untouched("attacked")

	g.stop()
	g.start()
	if all := take[api.Proposals](g, "listProposals", request{}).Proposals; len(all) != 3 {
		t.Errorf("after a restart there wait %+v", all)
	}
	untouched("restarted")
	refused("own_proposal", request{token: olga, ids: payment})

	once := func(proposal map[string]string) {
		t.Helper()
		key := map[string]string{api.HeaderKey: "approved " + proposal["proposal"]}
		first := g.do(approve, request{token: otto, ids: proposal, header: key})
		if again := g.do(approve, request{token: otto, ids: proposal, header: key}); first.status != 200 || again.body != first.body {
			t.Errorf("%d %s, again %d %s", first.status, first.body, again.status, again.body)
		}
		refused("proposal_not_found", request{token: otto, ids: proposal})
		refused("proposal_not_found", request{ids: proposal})
	}
	once(reversal)
	once(payment)
	if version() != 3 || cash() != before-100_0000 || weak() {
		t.Errorf("approved: version %d, cash %v of %v", version(), cash(), before)
	}
	once(weakening)
	if !weak() {
		t.Error("what was approved does not hold")
	}
	if all := take[api.Proposals](g, "listProposals", request{}).Proposals; len(all) != 0 {
		t.Errorf("there still wait %+v", all)
	}
}
