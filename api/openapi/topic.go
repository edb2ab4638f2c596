package openapi

import (
	"strings"

	"github.com/hustings/hustings/api"
)

// topics are the headings of the routes, in the order in which a newcomer needs them. A route is under the first whose
// beginnings its path has.
var topics = []struct {
	Tag
	paths []string
}{
	{Tag{"Accounts and keys", "Make an account, log in, and make API keys for programs."},
		[]string{"/api/register", "/api/login", "/api/logout", "/api/password", "/api/keys", "/api/account"}},
	{Tag{"Markets", "What is traded, at which prices, now and at any past instant. Open to anyone."},
		[]string{"/api/markets", "/api/checkpoint"}},
	{Tag{"Orders", "Place, amend and cancel, one by one or in batches."},
		[]string{"/api/markets/{market}/orders", "/api/orders", "/api/dead-mans-switch"}},
	{Tag{"Order groups", "A limit on what a group of orders may fill in a window of time."}, []string{"/api/groups"}},
	{Tag{"Portfolio and money", "What an account has, and how it came to it."},
		[]string{"/api/portfolio", "/api/positions", "/api/fills", "/api/settlements", "/api/ledger", "/api/deposits", "/api/withdrawals", "/api/trades"}},
	{Tag{"Operator: markets", "Open, suspend, close and resolve markets."}, []string{"/api/admin/markets", "/api/admin/trades"}},
	{Tag{"Operator: accounts", "Accounts, their keys, money and limits."}, []string{"/api/admin/accounts"}},
	{Tag{"Operator: cluster", "Nodes and shards of an exchange on several machines."}, []string{"/api/admin/cluster", "/api/admin/shards"}},
	{Tag{"Operator", "All else that only the operator may do."}, []string{"/api/admin/"}},
	{Tag{"More", "All else."}, []string{"/"}},
}

// topic returns the heading that fits a route's path best: the one with the longest beginning of it.
func topic(r *api.Route) string {
	var name string
	best := 0
	for _, t := range topics {
		for _, begin := range t.paths {
			if strings.HasPrefix(r.Path, begin) && len(begin) > best {
				name, best = t.Name, len(begin)
			}
		}
	}
	return name
}
