package gateway

import (
	"strings"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

func (c *call) getAccount() *api.Problem { return c.accountAnswer(c.who.Account) }

func (c *call) accountAnswer(id exchange.AccountID) *api.Problem {
	a, found := c.s.reader.Account(id)
	if !found {
		return api.RejectProblem(exchange.RejectAccountNotFound, 0, "account")
	}
	info := accountInfo(&a)
	info.Seq = api.ID(c.seq)
	c.etag = a.Version
	return c.answer(&info)
}

func accountInfo(a *projection.Account) api.AccountInfo {
	return api.AccountInfo{
		Account: api.ID(a.ID), Name: a.Name, Cash: api.Money(a.Cash), Held: api.Money(a.Held), OpenOrders: a.OpenOrders,
		MaxOpenOrders: a.MaxOpenOrders, Blocked: a.Blocked, Owed: api.Money(a.Receivable), DeadManAt: api.Time(a.DeadMan),
		Tier: aboveStandard(a.Tier), Version: a.Version,
	}
}

// listAccounts goes through the ids, which are dense.
func (c *call) listAccounts() *api.Problem {
	q := c.query()
	limit, after := q.limit(), q.cursor(1)[0]
	name, named := q.text("name")
	if q.problem != nil {
		return q.problem
	}
	answer := api.Accounts{Accounts: []api.AccountInfo{}, Page: api.Page{Seq: api.ID(c.seq)}}
	if named {
		if a, found := c.s.reader.AccountByName(name); found {
			answer.Accounts = append(answer.Accounts, accountInfo(&a))
		}
		return c.answer(&answer)
	}
	for id := after + 1; id < 1<<32; id++ {
		a, found := c.s.reader.Account(exchange.AccountID(id))
		if !found {
			break
		}
		if len(answer.Accounts) == limit {
			answer.NextCursor = writeCursor(id - 1)
			break
		}
		answer.Accounts = append(answer.Accounts, accountInfo(&a))
	}
	return c.answer(&answer)
}

func (c *call) listKeys() *api.Problem { return c.listKeysOf(c.who.Account) }

func (c *call) listKeysOf(account exchange.AccountID) *api.Problem {
	if _, found := c.s.reader.Account(account); !found {
		return api.RejectProblem(exchange.RejectAccountNotFound, 0, "account")
	}
	answer := api.Keys{Keys: []api.Key{}, Seq: api.ID(c.seq)}
	for _, k := range c.s.reader.Credentials(account) {
		if k.Session || k.Revoked || k.ExpireAt != 0 && int64(k.ExpireAt) <= c.s.now().UnixNano() {
			continue
		}
		answer.Keys = append(answer.Keys, api.Key{
			Key: api.ID(k.ID), Label: k.Label, Permissions: permissionWords(k.Permissions),
			CreatedAt: api.Time(k.CreatedAt), ExpiresAt: api.Time(k.ExpireAt), Tier: k.Tier.String(), Scheme: schemeWords[k.Scheme],
			Addresses: strings.Fields(k.Addresses),
		})
	}
	return c.answer(&answer)
}

// schemeWords are the words of schemes; that of secrets is left out.
var schemeWords = []string{exchange.SchemeSecret: "", exchange.SchemeEd25519: api.SchemeEd25519}

// aboveStandard is the word of a tier, "" for the usual one.
func aboveStandard(t exchange.Tier) string {
	if t <= exchange.TierStandard {
		return ""
	}
	return t.String()
}

func (c *call) listGroups() *api.Problem {
	answer := api.Groups{Groups: []api.Group{}, Seq: api.ID(c.seq)}
	for _, g := range c.s.reader.Groups(c.who.Account) {
		answer.Groups = append(answer.Groups, groupInfo(&g))
	}
	return c.answer(&answer)
}

func (c *call) getGroup() *api.Problem {
	id, p := c.groupID()
	if p != nil {
		return p
	}
	for _, g := range c.s.reader.Groups(c.who.Account) {
		if g.ID == id {
			return c.answer(groupInfo(&g))
		}
	}
	return api.RejectProblem(exchange.RejectGroupNotFound, 0, "group")
}

func groupInfo(g *projection.Group) api.Group {
	status := api.StatusOpen
	if g.State == projection.GroupTriggered {
		status = "triggered"
	}
	return api.Group{Group: api.ID(g.ID), Limit: uint32(g.Limit), WindowSeconds: int64(g.Window) / 1e9, Status: status}
}
