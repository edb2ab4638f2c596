package desk

import (
	"context"
	"fmt"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/client/feed"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/feed/message"
)

func newWatchCommand() *cobra.Command {
	var own bool
	c := &cobra.Command{
		Use:   "watch [MARKET …]",
		Short: "Watch trades as they happen, and your own orders",
		Long: `Watch trades and changes of status as they happen, in some markets or in all, until Ctrl-C. With --own, watch what happens to
your orders and your cash; without a market, that alone. A connection that is lost is made again, and what was missed
is shown. With --json each line is one message of the feed, as docs/formats/feed.md has them.`,
		Example: "  hustings watch\n  hustings watch 3 4\n  hustings watch --own",
		ValidArgsFunction: func(c *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
			return markets(c, nil, begun)
		},
	}
	c.Flags().BoolVar(&own, "own", false, "your orders, fills and cash")
	return command(c, func(ctx context.Context, d *desk, args []string) error {
		s := feed.Subscription{Account: own}
		for _, arg := range args {
			market, err := id("market", arg)
			if err != nil {
				return err
			}
			s.Markets = append(s.Markets, market)
		}
		if s.All = len(args) == 0 && !own; s.All || len(args) > 0 {
			s.Channels = []message.Channel{message.Trade, message.Status}
		}
		return d.watch(ctx, s)
	})
}

func (d *desk) watch(ctx context.Context, s feed.Subscription) error {
	token := ""
	if s.Account {
		if token = d.key; token == "" {
			return errNoLogin
		}
	}
	guest, err := d.guest()
	if err != nil {
		return err
	}
	defer guest.Close()
	// What was answered before, by whichever node, is there when the watch begins. Without a majority of the nodes it is as good as it gets.
	if seen, err := guest.Fresh().Markets(ctx, url.Values{"limit": {"1"}}); err == nil {
		s.MinSeq = seen.Seq
	}
	w := watcher{desk: d, guest: guest, markets: map[exchange.MarketID]*api.MarketInfo{}}
	f, err := d.listen(token, s)
	if err != nil {
		return err
	}
	return d.hear(ctx, f, func(m feed.Message) error { return w.show(ctx, m) })
}

// watcher shows messages of the feed a line each.
type watcher struct {
	*desk
	guest   *client.Client
	markets map[exchange.MarketID]*api.MarketInfo // those that were named already
}

func (w *watcher) show(ctx context.Context, heard feed.Message) error {
	if w.asJSON {
		if m, is := heard.(message.Message); is {
			_, err := fmt.Fprintln(w.screen, string(message.AppendJSON(nil, m)))
			return err
		}
		return w.line(heard)
	}
	switch m := heard.(type) {
	case *message.Trades:
		info, err := w.market(ctx, m.Market)
		if err != nil {
			return err
		}
		for _, t := range m.Trades {
			w.say(api.Time(m.Time), "%s %s %s at %s  %s", word(t.TakerSide, w.screen), count(uint32(t.Quantity)),
				contractName(info.Outcomes[t.Book].Outcome, ""), price(api.Price(t.Price)), w.named(info))
		}
	case *message.State:
		return w.showState(ctx, m)
	case *message.Gap:
		w.say(api.Time(m.Time), "some %s of market %d were missed", m.Channel, m.Market)
	case *message.Account:
		w.say(api.Time(now().UnixNano()), "you have %s of cash, %s behind %d open orders", money(m.Cash), money(m.Held), len(m.Orders))
	case *message.Order:
		o := &m.Order
		w.say(m.Time, "order %s in market %s: %s %s %s at %s, %s filled, %s", o.Order, o.Market, o.Side, count(o.Quantity),
			contractName(o.Outcome, o.Contract), price(o.Price), count(o.Filled), orderStatus(o))
	case *message.Fill:
		l := &m.Fill
		w.say(l.Time, "%s %s %s at %s in market %s, as the %s, for a fee of %s", past(l.Side), count(l.Quantity), contractName(l.Outcome, l.Contract),
			price(l.Price), l.Market, l.Role, money(l.Fee))
	case *message.Balance:
		w.say(m.Time, "cash %s, held %s", money(m.Cash), money(m.Held))
	}
	return nil
}

// showState shows what a market is doing now, but not that it is open when it begins to be watched.
func (w *watcher) showState(ctx context.Context, m *message.State) error {
	_, known := w.markets[m.Market]
	info, err := w.market(ctx, m.Market)
	if err != nil || !known && m.State == exchange.StateOpen {
		return err
	}
	halted := ""
	if m.Halted {
		halted = ", halted"
	}
	w.say(api.Time(m.Time), "is %s%s  %s", m.State, halted, w.named(info))
	return nil
}

func (w *watcher) say(at api.Time, format string, args ...any) {
	fmt.Fprintf(w.screen, "%s  %s\n", w.screen.in(faint, when(at, now())), fmt.Sprintf(format, args...))
}

// market finds out what a market is about.
func (w *watcher) market(ctx context.Context, id exchange.MarketID) (*api.MarketInfo, error) {
	if m := w.markets[id]; m != nil {
		return m, nil
	}
	m, err := w.guest.Fresh().Market(ctx, api.ID(id), 0)
	if err != nil {
		return nil, err
	}
	m.Rules = ""
	w.markets[id] = &m
	return &m, nil
}

func (w *watcher) named(m *api.MarketInfo) string {
	return w.screen.in(faint, fmt.Sprintf("%s (market %s)", m.Question, m.Market))
}

// word says what a taker did.
func word(s exchange.Side, to screen) string {
	if s == exchange.Buy {
		return to.in(green, "bought")
	}
	return to.in(red, "sold")
}

func past(side string) string {
	if side == api.Buy {
		return "bought"
	}
	return "sold"
}
