package desk

import (
	"context"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
)

func newTradesCommand() *cobra.Command {
	var limit int
	c := &cobra.Command{
		Use:               "trades [MARKET]",
		Short:             "Show a market's trades or, without one, your own",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeMarket,
	}
	c.Flags().IntVar(&limit, "limit", 20, "greatest number of trades, the newest first; 0 is all")
	return command(c, func(ctx context.Context, d *desk, args []string) error {
		if len(args) == 0 {
			return d.showFills(ctx, limit)
		}
		market, err := id("market", args[0])
		if err != nil {
			return err
		}
		guest, err := d.guest()
		if err != nil {
			return err
		}
		trades, more, err := collect(guest.EachTrade(ctx, market, pageOf(limit)), limit)
		if err != nil {
			return err
		}
		return d.show(api.Trades{Trades: trades}, d.drawTrades(trades, more))
	})
}

func (d *desk) drawTrades(trades []api.Trade, more bool) string {
	if len(trades) == 0 {
		return "Nothing was traded yet.\n"
	}
	t := table{columns: []column{{"time", false, false}, {"outcome", false, true}, {"taker", false, false}, {"contracts", true, false},
		{"price", true, false}, {"seq", true, false}}}
	for _, tr := range trades {
		p := green
		if tr.TakerSide == api.Sell {
			p = red
		}
		t.add(text(when(tr.Time, now())), text(contractName(tr.Outcome, "")), cell{tr.TakerSide + "s", p}, text(count(tr.Quantity)), cell{price(tr.Price), p},
			text(tr.Seq.String()))
	}
	return t.draw(d.screen) + moreOf(more)
}

func (d *desk) showFills(ctx context.Context, limit int) error {
	trader, err := d.trader()
	if err != nil {
		return err
	}
	fills, more, err := collect(trader.EachFill(ctx, pageOf(limit)), limit)
	if err != nil {
		return err
	}
	return d.show(api.Fills{Fills: fills}, d.drawFills(fills, more))
}

func (d *desk) drawFills(fills []api.Fill, more bool) string {
	if len(fills) == 0 {
		return "You have not traded yet. hustings markets shows where you could.\n"
	}
	t := table{columns: []column{{"time", false, false}, {"market", true, false}, {"contract", false, true}, {"side", false, false}, {"contracts", true, false},
		{"price", true, false}, {"fee", true, false}, {"as", false, false}, {"order", true, false}}}
	for _, f := range fills {
		t.add(text(when(f.Time, now())), text(f.Market.String()), text(contractName(f.Outcome, f.Contract)), side(f.Side), text(count(f.Quantity)),
			text(price(f.Price)), text(money(f.Fee)), text(f.Role), text(f.Order.String()))
	}
	return t.draw(d.screen) + moreOf(more)
}

func side(s string) cell {
	if s == api.Buy {
		return cell{s, green}
	}
	return cell{s, red}
}

// pageOf asks for pages no longer than what is wanted.
func pageOf(limit int) url.Values {
	if limit <= 0 || limit > api.MaxPage {
		limit = api.MaxPage
	}
	return url.Values{"limit": {strconv.Itoa(limit)}}
}

func moreOf(more bool) string {
	if more {
		return "There are more: --limit 0 shows all.\n"
	}
	return ""
}
