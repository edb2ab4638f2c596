package desk

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
)

func newMarketsCommand() *cobra.Command {
	var status, sort string
	var limit int
	c := &cobra.Command{
		Use:   "markets [WORD …]",
		Short: "List markets, or find those whose question has some words",
		Long: `List markets with their prices, or find those whose question has some words. The price of an outcome is its probability
as the market sees it; of a market with more than two outcomes the likeliest is shown.`,
		Example: "  hustings markets\n  hustings markets paris rain\n  hustings markets --sort closing --limit 5",
	}
	f := c.Flags()
	f.StringVar(&status, "status", "open", "open, suspended, closed, resolved, settled, voiding, voided or all")
	f.StringVar(&sort, "sort", "activity", "newest, oldest, volume, activity or closing")
	f.IntVar(&limit, "limit", 30, "greatest number of markets; 0 is all")
	_ = c.RegisterFlagCompletionFunc("sort", words("newest", "oldest", "volume", "activity", "closing"))
	_ = c.RegisterFlagCompletionFunc("status", words("open", "suspended", "closed", "resolved", "settled", "voiding", "voided", "all"))
	return command(c, func(ctx context.Context, d *desk, args []string) error {
		guest, err := d.guest()
		if err != nil {
			return err
		}
		query := url.Values{"sort": {sort}}
		if status != "all" {
			query.Set("status", status)
		}
		if len(args) > 0 {
			query.Set("q", strings.Join(args, " "))
		}
		markets, more, err := collect(guest.EachMarket(ctx, query), limit)
		if err != nil {
			return err
		}
		return d.show(api.Markets{Markets: markets}, d.drawMarkets(markets, more))
	})
}

func (d *desk) drawMarkets(markets []api.MarketInfo, more bool) string {
	if len(markets) == 0 {
		return "No market is like that. Look for others with --status all, or with fewer words.\n"
	}
	t := table{columns: []column{{"market", true, false}, {"question", false, true}, {"likeliest", false, false}, {"price", true, false},
		{"bid", true, false}, {"ask", true, false}, {"24 h", true, false}, {"volume", true, false}, {"closes", false, false}}}
	for i := range markets {
		m := &markets[i]
		o := likeliest(m)
		name := contractName(o.Outcome, "")
		if m.Kind == api.Binary {
			name = contractName(api.Yes, "")
		}
		closes := when(m.CloseAt, now())
		if m.Status != "open" {
			closes = m.Status
		}
		t.add(text(m.Market.String()), text(m.Question), text(name), cell{price(o.LastPrice), bold}, cell{price(o.BestBid), green},
			cell{price(o.BestAsk), red}, dayChange(o), text(count(m.Volume)), text(closes))
	}
	drawn := t.draw(d.screen)
	if more {
		drawn += "There are more: --limit 0 shows all.\n"
	}
	return drawn
}

// likeliest is the outcome that a line about a market shows: Yes, or that of the highest price.
func likeliest(m *api.MarketInfo) *api.OutcomeInfo {
	best := &m.Outcomes[0]
	if m.Kind == api.Binary {
		return best
	}
	for i := range m.Outcomes {
		if o := &m.Outcomes[i]; o.LastPrice > best.LastPrice || o.LastPrice == best.LastPrice && o.BestBid > best.BestBid {
			best = o
		}
	}
	return best
}

// dayChange is by how much the price has changed in 24 hours.
func dayChange(o *api.OutcomeInfo) cell {
	if o.DayOpenPrice == 0 || o.LastPrice == 0 {
		return text("-")
	}
	change := int64(o.LastPrice) - int64(o.DayOpenPrice)
	s := fmt.Sprintf("%+.2f", float64(change)/10_000)
	return cell{strings.Replace(s, "-", "−", 1), signed(change)}
}
