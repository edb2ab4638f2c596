package desk

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

func newPortfolioCommand() *cobra.Command {
	c := &cobra.Command{Use: "portfolio", Short: "Show your cash and what you hold", Args: cobra.NoArgs}
	return command(c, func(ctx context.Context, d *desk, _ []string) error {
		trader, err := d.trader()
		if err != nil {
			return err
		}
		p, err := trader.Portfolio(ctx, 0)
		if err != nil {
			return err
		}
		if d.asJSON {
			return d.show(p, "")
		}
		questions, err := questions(ctx, trader, p.Positions)
		if err != nil {
			return err
		}
		return d.show(p, d.drawPortfolio(&p, questions))
	})
}

// questions returns those of the markets in which there are positions.
func questions(ctx context.Context, c *client.Client, positions []api.Position) (map[api.ID]string, error) {
	all := map[api.ID]string{}
	for _, p := range positions {
		if _, known := all[p.Market]; known {
			continue
		}
		m, err := c.Market(ctx, p.Market, 0)
		if err != nil {
			return nil, err
		}
		all[p.Market] = m.Question
	}
	return all, nil
}

func (d *desk) drawPortfolio(p *api.Portfolio, questions map[api.ID]string) string {
	var b strings.Builder
	sum := table{columns: []column{{"", false, false}, {"", true, false}, {"", false, false}}}
	sum.add(text("cash"), text(money(p.Cash)), text("free to trade with"))
	sum.add(text("held"), text(money(p.Held)), text(fmt.Sprintf("behind %s open orders", count(p.OpenOrders))))
	sum.add(text("contracts"), text(money(p.Value)), text("at the last prices"))
	if p.Owed != 0 {
		sum.add(text("owed"), text(money(-p.Owed)), text("to the house, after a void market"))
	}
	sum.add(cell{"equity", bold}, cell{money(p.Equity), bold}, text(""))
	sum.add(text("profit"), gain(p.Realised), text("of what was closed, less all fees"))
	sum.add(text(""), gain(p.Unrealised), text("of what is held, at the last prices"))
	_, drawn, _ := strings.Cut(sum.draw(d.screen), "\n") // it has no heading
	b.WriteString(drawn)
	if len(p.Positions) == 0 {
		b.WriteString("\nYou hold no contracts. hustings markets shows where you could trade.\n")
		return b.String()
	}
	t := table{columns: []column{{"market", true, false}, {"question", false, true}, {"contract", false, false}, {"held", true, false}, {"average", true, false},
		{"price", true, false}, {"value", true, false}, {"profit", true, false}}}
	for _, h := range p.Positions {
		average := "-"
		if h.Quantity > 0 {
			average = price(api.Price(int64(h.Cost) / int64(h.Quantity)))
		}
		t.add(text(h.Market.String()), text(questions[h.Market]), text(contractName(h.Outcome, h.Contract)), text(count(h.Quantity)), text(average),
			text(price(h.MarkPrice)), text(money(h.Value)), gain(h.Value-h.Cost))
	}
	b.WriteString("\n" + t.draw(d.screen))
	return b.String()
}
