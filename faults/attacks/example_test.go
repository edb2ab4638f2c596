package attacks

import (
	"testing"

	"github.com/hustings/hustings/api"
)

// The examples of the API's description are taken by an exchange. Those that cannot be here are refused for a reason that has nothing
// to do with how they are written.
func TestExamples(t *testing.T) {
	const alone = "no_cluster"
	elsewhere := map[string]string{
		"register": "name_taken", "voidMarket": "market_state", "cancelMarketOrders": "market_state", "adminRevokeKey": "key_not_found", // for what the ones before have done
		"getCluster": alone, "addMember": alone, "setRole": alone, "setSynchronous": alone, "seize": alone, "switchRules": alone,
		"approveProposal": "proposal_not_found", "rejectProposal": "proposal_not_found", // nobody has proposed anything
		"removeMember": alone, "handOver": alone,
	}
	g := newGround(t)
	before := g.count()
	for _, r := range api.Routes() {
		if r.Name == "logout" {
			continue // nobody could go on
		}
		q := request{}
		if r.Listener == api.Public && r.Need != api.NeedNothing {
			q.token = g.ada.session
		}
		if a := g.do(&r, q); a.code() != elsewhere[r.Name] {
			t.Errorf("%s: %d %s, not %q", r.Name, a.status, a.body, elsewhere[r.Name])
		}
	}
	if a := g.do(route("logout"), request{token: g.ada.session}); a.status != 200 {
		t.Errorf("logout: %d %s", a.status, a.body)
	}
	g.covered("examples", api.Routes(), before)
}
