package gateway

import (
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

func (c *call) createGroup() *api.Problem {
	req, p := decode[api.CreateGroup](&c.scan, c.body)
	if p != nil {
		return p
	}
	window, p := seconds("window_seconds", req.WindowSeconds, 1, 3_600)
	if p != nil {
		return p
	}
	return c.groupAct(&exchange.CreateGroup{
		Account: c.who.Account, Key: c.coreKey(), Limit: exchange.Quantity(req.Limit), Window: window,
	})
}

func (c *call) resetGroup() *api.Problem   { return c.changeGroup(exchange.ResetGroup) }
func (c *call) triggerGroup() *api.Problem { return c.changeGroup(exchange.TriggerGroup) }
func (c *call) deleteGroup() *api.Problem  { return c.changeGroup(exchange.DeleteGroup) }

func (c *call) changeGroup(action exchange.GroupAction) *api.Problem {
	group, p := c.groupID()
	if p != nil {
		return p
	}
	return c.groupAct(&exchange.ChangeGroup{Account: c.who.Account, Key: c.coreKey(), Group: group, Action: action})
}

func (c *call) groupID() (exchange.GroupID, *api.Problem) {
	id, p := c.pathID("group", 1<<32-1, exchange.RejectGroupNotFound)
	return exchange.GroupID(id), p
}

func (c *call) groupAct(cmd exchange.Command) *api.Problem {
	r, p := c.do(cmd)
	if p != nil {
		return p
	}
	return c.answer(api.GroupAnswer{Receipt: receipt(r), Group: api.ID(r.ID)})
}

func (c *call) setDeadMansSwitch() *api.Problem {
	req, p := decode[api.DeadMansSwitch](&c.scan, c.body)
	if p != nil {
		return p
	}
	timeout, p := seconds("timeout_seconds", req.TimeoutSeconds, 0, 86_400)
	if p != nil {
		return p
	}
	r, p := c.do(&exchange.SetDeadMan{Account: c.who.Account, Key: c.coreKey(), Timeout: timeout})
	if p != nil {
		return p
	}
	answer := api.DeadMansSwitchAnswer{Receipt: receipt(r)}
	if timeout != 0 {
		answer.Deadline = api.Time(r.Time + exchange.Time(timeout))
	}
	return c.answer(answer)
}

// seconds turns a number of seconds within bounds into a duration.
func seconds(field string, n, least, most int64) (exchange.Duration, *api.Problem) {
	if n < least || n > most {
		return 0, api.RejectProblem(exchange.RejectTermsInvalid, 0, field)
	}
	return exchange.Duration(n) * exchange.Duration(time.Second), nil
}
