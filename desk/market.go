package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

func newMarketCommand() *cobra.Command {
	c := &cobra.Command{
		Use:               "market MARKET",
		Short:             "Show a market: its rules, prices and terms",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeMarket,
	}
	return command(c, func(ctx context.Context, d *desk, args []string) error {
		guest, err := d.guest()
		if err != nil {
			return err
		}
		m, err := readMarket(ctx, guest, args[0])
		if err != nil {
			return err
		}
		return d.show(m, d.drawMarket(&m))
	})
}

// readMarket returns the market that an argument names.
func readMarket(ctx context.Context, c *client.Client, given string) (api.MarketInfo, error) {
	market, err := id("market", given)
	if err != nil {
		return api.MarketInfo{}, err
	}
	return c.Market(ctx, market, 0)
}

func (d *desk) drawMarket(m *api.MarketInfo) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n\n", d.screen.in(bold, m.Question), d.screen.in(faint, headline(m)))
	t := table{columns: []column{{"outcome", false, true}, {"price", true, false}, {"probability", true, false}, {"bid", true, false}, {"ask", true, false},
		{"24 h", true, false}, {"volume", true, false}, {"open interest", true, false}}}
	for i := range m.Outcomes {
		o := &m.Outcomes[i]
		t.add(text(contractName(o.Outcome, "")), cell{price(o.LastPrice), bold}, text(percent(o.LastPrice)), cell{price(o.BestBid), green},
			cell{price(o.BestAsk), red}, dayChange(o), text(count(o.Volume)), text(count(o.OpenInterest)))
	}
	b.WriteString(t.draw(d.screen))
	if m.Rules != "" {
		fmt.Fprintf(&b, "\n%s\n", m.Rules)
	}
	if r := m.Resolution; r != nil {
		fmt.Fprintf(&b, "\nResolved: %s. Source: %s\n", payouts(m), r.Source)
		if r.Evidence != "" {
			fmt.Fprintf(&b, "%s\n", r.Evidence)
		}
	}
	if m.VoidReason != "" {
		fmt.Fprintf(&b, "\nVoid: %s\n", m.VoidReason)
	}
	fmt.Fprintf(&b, "\n%s\n", d.screen.in(faint, terms(m)))
	return b.String()
}

func headline(m *api.MarketInfo) string {
	parts := []string{"market " + m.Market.String(), m.Status}
	if m.Halted {
		parts = append(parts, "halted: "+m.HaltDetail)
	}
	if m.CloseAt != 0 {
		parts = append(parts, "closes "+m.CloseAt.Std().In(now().Location()).Format("2006-01-02 15:04 MST"))
	}
	trades := count(m.Trades) + " trades"
	if m.Trades == 1 {
		trades = "1 trade"
	}
	return strings.Join(append(parts, trades), " · ")
}

// terms says what trading in a market is subject to.
func terms(m *api.MarketInfo) string {
	step := "prices in steps of " + price(m.Tick.Step)
	if m.Tick.EdgeStep != 0 {
		step += fmt.Sprintf(", of %s below %s and above %s", price(m.Tick.EdgeStep), price(m.Tick.EdgeWidth), price(10_000-m.Tick.EdgeWidth))
	}
	parts := []string{step, "each contract pays 1.00 or nothing"}
	if m.TakerFee != 0 {
		parts = append(parts, fmt.Sprintf("takers pay %s × price × (1 − price)", m.TakerFee))
	} else {
		parts = append(parts, "no fee")
	}
	if m.Collar != 0 {
		parts = append(parts, fmt.Sprintf("orders within %s of the last price", price(m.Collar)))
	}
	if m.DisputeWindowSeconds != 0 {
		parts = append(parts, fmt.Sprintf("paid %v after it is resolved", time.Duration(m.DisputeWindowSeconds)*time.Second))
	}
	return strings.Join(parts, "; ")
}

// payouts says what each outcome pays.
func payouts(m *api.MarketInfo) string {
	var parts []string
	for i, v := range m.Resolution.Values {
		parts = append(parts, fmt.Sprintf("%s pays %s", contractName(m.Outcomes[i].Outcome, ""), money(api.Money(v))))
	}
	return strings.Join(parts, ", ")
}

// outcome finds the outcome that an argument names, in whatever case.
func outcome(m *api.MarketInfo, given string) (string, error) {
	var names []string
	for _, o := range m.Outcomes {
		if strings.EqualFold(o.Outcome, given) {
			return o.Outcome, nil
		}
		names = append(names, o.Outcome)
	}
	slices.Sort(names)
	return "", failure(exitUsage, "market %s has no outcome %q: it has %s", m.Market, given, strings.Join(names, ", "))
}
