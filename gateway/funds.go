package gateway

import (
	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

func (c *call) deposit() *api.Problem {
	if !c.s.traderDeposits {
		return api.CodeDisabled.Problem("", "Deposits are made by the operator.")
	}
	return c.depositTo(c.who.Account)
}

func (c *call) withdraw() *api.Problem { return c.withdrawFrom(c.who.Account) }

func (c *call) depositTo(account exchange.AccountID) *api.Problem {
	return c.transfer(account, func(amount exchange.Money, reference string) exchange.Command {
		return &exchange.Deposit{Account: account, Key: c.coreKey(), Amount: amount, Reference: reference}
	})
}

func (c *call) withdrawFrom(account exchange.AccountID) *api.Problem {
	return c.transfer(account, func(amount exchange.Money, reference string) exchange.Command {
		return &exchange.Withdraw{Account: account, Key: c.coreKey(), Amount: amount, Reference: reference}
	})
}

func (c *call) transfer(account exchange.AccountID, command func(exchange.Money, string) exchange.Command) *api.Problem {
	req, p := decode[api.Transfer](&c.scan, c.body)
	if p != nil {
		return p
	}
	if req.Amount <= 0 || exchange.Money(req.Amount) > exchange.MaxAmount {
		return api.RejectProblem(exchange.RejectAmountOutOfRange, 0, "amount")
	}
	if p := referenceText.check("reference", req.Reference); p != nil {
		return p
	}
	submit := func(cmd exchange.Command) (*exchange.Reply, api.ID, *api.Problem) {
		r, p := c.do(cmd)
		if p != nil && p.Code == exchange.RejectApprovalNeeded.String() {
			p.Detail = "A withdrawal of so much needs two operators. Ask the operator to make it."
		}
		return r, 0, p
	}
	if c.endpoint.Proposed {
		submit = c.agree
	}
	r, proposal, p := submit(command(exchange.Money(req.Amount), req.Reference))
	if p != nil {
		return p
	}
	return c.answer(api.TransferAnswer{
		Receipt: receipt(r), Account: api.ID(account), Amount: req.Amount, Reference: req.Reference, Proposal: proposal,
	})
}
