package gateway

import (
	"fmt"
	"math"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

func (c *call) createMarket() *api.Problem {
	req, p := decode[api.CreateMarket](&c.scan, c.body)
	if p != nil {
		return p
	}
	spec, p := readSpec(req)
	if p != nil {
		return p
	}
	return c.marketAnswer(&exchange.CreateMarket{Key: c.coreKey(), Spec: spec})
}

func readSpec(req *api.CreateMarket) (exchange.MarketSpec, *api.Problem) {
	spec := exchange.MarketSpec{
		Question: req.Question, Rules: req.Rules, Outcomes: req.Outcomes, CloseAt: exchange.Time(req.CloseAt),
		Tick: exchange.TickRule{Middle: 1}, PositionLimit: exchange.MaxPosition,
	}
	if p := checkMarketTexts(req); p != nil {
		return spec, p
	}
	if t := req.Tick; t != nil {
		spec.Tick = exchange.TickRule{
			Middle: exchange.Price(t.Step), Edge: exchange.Price(t.EdgeStep), EdgeWidth: exchange.Price(t.EdgeWidth),
		}
	}
	if req.TakerFee != nil {
		spec.TakerFee = exchange.FeeRate(*req.TakerFee)
	}
	if req.MakerShare != nil {
		spec.MakerShare = exchange.FeeRate(*req.MakerShare)
	}
	if req.PositionLimit != nil {
		spec.PositionLimit = exchange.Quantity(*req.PositionLimit)
	}
	if req.Collar != nil {
		spec.Collar = exchange.Price(*req.Collar)
	}
	if n := req.DisputeWindowSeconds; n != nil {
		if *n < 0 || *n > math.MaxInt64/int64(time.Second) {
			return spec, api.RejectProblem(exchange.RejectTermsInvalid, 0, "dispute_window_seconds")
		}
		spec.DisputeWindow = exchange.Duration(*n) * exchange.Duration(time.Second)
	}
	if req.KeepOrdersOnSuspend {
		spec.Flags |= exchange.KeepOrdersOnSuspend
	}
	if req.SelfTradesAllowed {
		spec.Flags |= exchange.SelfTradesAllowed
	}
	return spec, nil
}

func checkMarketTexts(req *api.CreateMarket) *api.Problem {
	if p := questionText.check("question", req.Question); p != nil {
		return p
	}
	if p := rulesText.check("rules", req.Rules); p != nil {
		return p
	}
	if req.Outcomes != nil && len(req.Outcomes) == 0 {
		return api.RejectProblem(exchange.RejectOutcomesInvalid, 0, "outcomes")
	}
	if len(req.Outcomes) > exchange.MaxOutcomes {
		return api.RejectProblem(exchange.RejectOutcomesInvalid, 0, "outcomes")
	}
	for i, name := range req.Outcomes {
		if p := outcomeText.check(fmt.Sprintf("outcomes[%d]", i), name); p != nil {
			return p
		}
	}
	return nil
}

func (c *call) updateMarket() *api.Problem {
	market, p := c.marketID()
	if p != nil {
		return p
	}
	req, p := decode[api.UpdateMarket](&c.scan, c.body)
	if p != nil {
		return p
	}
	if req.Question == "" && req.Rules == "" && req.CloseAt == 0 {
		return api.CodeMissingField.Problem("question", "Name a new question, rules or close_at.")
	}
	cmd := exchange.UpdateMarket{
		Key: c.coreKey(), Market: market, Version: c.version, Question: req.Question, Rules: req.Rules, CloseAt: -1,
	}
	if req.Question != "" {
		if p := questionText.check("question", req.Question); p != nil {
			return p
		}
	}
	if p := rulesText.check("rules", req.Rules); p != nil {
		return p
	}
	if req.CloseAt != 0 {
		cmd.CloseAt = exchange.Time(req.CloseAt)
	}
	return c.marketAnswer(&cmd)
}

// marketAct gives a handler of the acts on a market that say everything in their path.
func marketAct(command func(exchange.MarketAction) exchange.Command) func(*call) *api.Problem {
	return func(c *call) *api.Problem {
		act, p := c.marketAction()
		if p != nil {
			return p
		}
		return c.marketAnswer(command(act))
	}
}

func (c *call) marketAction() (exchange.MarketAction, *api.Problem) {
	market, p := c.marketID()
	return exchange.MarketAction{Key: c.coreKey(), Market: market, Version: c.version}, p
}

func (c *call) resolveMarket() *api.Problem {
	act, p := c.marketAction()
	if p != nil {
		return p
	}
	req, p := decode[api.ResolveMarket](&c.scan, c.body)
	if p != nil {
		return p
	}
	if len(req.Values) == 0 || len(req.Values) > exchange.MaxOutcomes {
		return api.RejectProblem(exchange.RejectValuesInvalid, 0, "values")
	}
	if p := sourceText.check("source", req.Source); p != nil {
		return p
	}
	if p := evidenceText.check("evidence", req.Evidence); p != nil {
		return p
	}
	cmd := exchange.ResolveMarket{MarketAction: act, Source: req.Source, Evidence: req.Evidence}
	for _, v := range req.Values {
		cmd.Values = append(cmd.Values, exchange.Price(v))
	}
	return c.agreedMarketAnswer(act.Market, &cmd)
}

func (c *call) voidMarket() *api.Problem {
	act, p := c.marketAction()
	if p != nil {
		return p
	}
	req, p := decode[api.VoidMarket](&c.scan, c.body)
	if p != nil {
		return p
	}
	if p := reasonText.check("reason", req.Reason); p != nil {
		return p
	}
	return c.agreedMarketAnswer(act.Market, &exchange.VoidMarket{MarketAction: act, Reason: req.Reason})
}

// agreedMarketAnswer is marketAnswer, for an act that may need a second operator.
func (c *call) agreedMarketAnswer(market exchange.MarketID, cmd exchange.Command) *api.Problem {
	r, proposal, p := c.agree(cmd)
	if p != nil {
		return p
	}
	return c.answer(api.MarketAnswer{Receipt: receipt(r), Market: api.ID(market), Version: r.Version, Proposal: proposal})
}

func (c *call) marketAnswer(cmd exchange.Command) *api.Problem {
	r, p := c.do(cmd)
	if p != nil {
		return p
	}
	return c.answer(api.MarketAnswer{Receipt: receipt(r), Market: api.ID(r.ID), Version: r.Version})
}
