package gateway

import (
	"context"
	"strconv"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

// record puts into the journal which operator is about to do what, once for each request that changes something. A refusal of the
// record is in the journal as well, and does not keep the operator from acting.
func (c *call) record() *api.Problem {
	if c.recorded || c.endpoint.Need != api.NeedOperator || !c.endpoint.Mutation() || c.s.reader.Rules() < exchange.GuardRules {
		return nil
	}
	const most = 500 // characters of the subject
	path := c.r.URL.EscapedPath()
	act := exchange.RecordAct{
		Account: c.who.Account, Credential: c.who.ID, Act: c.endpoint.Name, Subject: path[:min(len(path), most)], Key: c.keyForRetries(),
	}
	if c.key != "" {
		act.Key = deriveKey(scopeRecord, c.who.Account, int(c.who.ID), c.endpoint.Name+" "+path+"\x00"+c.key)
	}
	var err error
	if c.commands, err = wire.AppendCommand(c.commands[:0], &act); err != nil {
		return api.CodeInternal.Problem("", "")
	}
	if p := c.submit(1, true); p != nil {
		return p
	}
	c.recorded = true
	return nil
}

// recordPatience is for how long a leader is looked for that takes the record of what may be done without. Where a majority is lost there
// is none, and traders wait until the operator has gone on without it.
const recordPatience = 2 * time.Second

// recordIfPossible is record for what an operator does to mend an exchange that may not be able to record it. The log of this node
// tells of it in any case.
func (c *call) recordIfPossible() {
	who := "the admin key"
	if !c.root {
		who = "key " + strconv.FormatUint(uint64(c.who.ID), 10) + " of account " + strconv.FormatUint(uint64(c.who.Account), 10)
	}
	r := c.r
	ctx, cancel := context.WithTimeout(r.Context(), recordPatience)
	defer cancel()
	c.r = r.WithContext(ctx)
	p := c.record()
	c.r = r
	c.s.log.Info("the operator changes the cluster", "act", c.endpoint.Name, "who", who, "path", c.r.URL.EscapedPath(), "in the journal", p == nil && c.recorded)
}
