package desk

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

func newOrderCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "order",
		Short: "Buy or sell",
		Args:  cobra.NoArgs,
	}
	c.AddCommand(newPlaceCommand(api.Buy), newPlaceCommand(api.Sell))
	return c
}

// placing is the flags of an order.
type placing struct {
	contract, force, selfTrade, clientID string
	expires                              time.Duration
	postOnly, reduceOnly, yes            bool
	group                                string
}

func newPlaceCommand(side string) *cobra.Command {
	var p placing
	title := strings.ToUpper(side[:1]) + side[1:]
	c := &cobra.Command{
		Use:   side + " MARKET OUTCOME QUANTITY [PRICE]",
		Short: title + " contracts of an outcome",
		Long: title + ` contracts of an outcome. First a ticket is shown: what the order costs, what it pays, and the probability at which
that breaks even. Nothing is sent before you agree to it.

With a price it is a limit order: what does not trade at once rests in the book. Without one it takes what the book has
now, at no worse a price than the ticket says.`,
		Example: fmt.Sprintf("  hustings order %[1]s 3 yes 10 0.62\n  hustings order %[1]s 3 yes 10 --yes\n"+
			"  hustings order %[1]s 4 London 5 0.30 --contract no --post-only", side),
		Args:              cobra.RangeArgs(3, 4),
		ValidArgsFunction: completeOrder,
	}
	f := c.Flags()
	f.StringVar(&p.contract, "contract", "", "of a market with named outcomes: yes (default) or no")
	f.StringVar(&p.force, "time-in-force", "", "gtc (default with a price), ioc (what is there now) or fok (all or nothing)")
	f.DurationVar(&p.expires, "expires", 0, "cancel what is left after this time, such as 2h")
	f.BoolVar(&p.postOnly, "post-only", false, "refuse the order if it would trade at once")
	f.BoolVar(&p.reduceOnly, "reduce-only", false, "only close what you hold")
	f.StringVar(&p.selfTrade, "self-trade", "", "on meeting your own order: cancel_taker (default), cancel_maker, cancel_both, decrease_both or allow")
	f.StringVar(&p.group, "group", "", "order group to put it in")
	f.StringVar(&p.clientID, "id", "", "your own id of the order; the same order with the same id is placed once")
	f.BoolVarP(&p.yes, "yes", "y", false, "do not ask")
	_ = c.RegisterFlagCompletionFunc("contract", words(api.Yes, api.No))
	_ = c.RegisterFlagCompletionFunc("time-in-force", words(api.GTC, api.IOC, api.FOK))
	_ = c.RegisterFlagCompletionFunc("self-trade", words(api.CancelTaker, api.CancelMaker, api.CancelBoth, api.DecreaseBoth, api.AllowSelf))
	return command(c, func(ctx context.Context, d *desk, args []string) error { return p.place(ctx, d, side, args) })
}

func (p *placing) place(ctx context.Context, d *desk, side string, args []string) error {
	trader, err := d.trader()
	if err != nil {
		return err
	}
	m, err := readMarket(ctx, trader, args[0])
	if err != nil {
		return err
	}
	o, err := p.order(&m, side, args[1:])
	if err != nil {
		return err
	}
	t, err := d.ticketOf(ctx, trader, &m, &o)
	if err != nil {
		return err
	}
	fmt.Fprint(d.ticketScreen(), t.draw(d.ticketScreen()), "\n")
	if !p.yes {
		if err := d.confirm("Place this order?"); err != nil {
			return err
		}
	}
	answer, err := trader.Place(ctx, m.Market, "", o)
	if err != nil {
		return unknown(explain(err), "the order was placed", "hustings orders --all")
	}
	return d.show(answer, d.drawPlaced(&answer))
}

// order reads the arguments OUTCOME QUANTITY [PRICE] and the flags.
func (p *placing) order(m *api.MarketInfo, side string, args []string) (o api.PlaceOrder, err error) {
	o = api.PlaceOrder{Side: side, TimeInForce: p.force, PostOnly: p.postOnly, ReduceOnly: p.reduceOnly, SelfTrade: p.selfTrade,
		ClientOrderID: p.clientID, Contract: p.contract}
	if o.Outcome, err = outcome(m, args[0]); err != nil {
		return o, err
	}
	if o.Contract != "" && m.Kind == api.Binary {
		return o, failure(exitUsage, "market %s is binary: say %s no instead of --contract no", m.Market, side)
	}
	if o.Quantity, err = quantity(args[1]); err != nil {
		return o, err
	}
	if len(args) > 2 {
		if o.Price, err = orderPrice(args[2]); err != nil {
			return o, err
		}
	} else {
		o.Type = api.TypeMarket
	}
	if p.expires > 0 {
		o.TimeInForce, o.ExpiresAt = api.GTT, api.Time(now().Add(p.expires).UnixNano())
	}
	if p.group != "" {
		o.Group, err = id("order group", p.group)
	}
	return o, err
}

func quantity(given string) (uint32, error) {
	n, err := api.ParseID(given)
	if err != nil || n > 1_000_000 {
		return 0, failure(exitUsage, "%q is no quantity: it is a whole number of contracts, 1 to 1,000,000", given)
	}
	return uint32(n), nil
}

func orderPrice(given string) (p api.Price, err error) {
	if err := p.UnmarshalText([]byte(given)); err != nil || p == 0 || p >= whole {
		return 0, failure(exitUsage, "%q is no price: it is above 0 and below 1, such as 0.62 for 62 %%", given)
	}
	return p, nil
}

// ticketOf works out what an order means, and gives one without a price the worst that it needs.
func (d *desk) ticketOf(ctx context.Context, c *client.Client, m *api.MarketInfo, o *api.PlaceOrder) (*ticket, error) {
	books, err := c.OrderBook(ctx, m.Market, api.MaxLevels, 0)
	if err != nil {
		return nil, err
	}
	var side []api.Level
	for i := range books.Books {
		if books.Books[i].Outcome == o.Outcome {
			side = levels(&books.Books[i], o)
		}
	}
	if o.Type == api.TypeMarket {
		if len(side) == 0 {
			return nil, failure(exitRefused, "there is nothing to %s: nobody is on the other side\n  Name a price, and the order waits for somebody.", o.Side)
		}
		o.Price = worst(side, o.Quantity)
	}
	held, err := holding(ctx, c, m, o)
	if err != nil {
		return nil, err
	}
	return newTicket(m, o, side, held), nil
}

// worst is the price of the deepest level that a quantity reaches.
func worst(side []api.Level, quantity uint32) api.Price {
	left := uint64(quantity)
	for _, l := range side {
		if l.Quantity >= left {
			return l.Price
		}
		left -= l.Quantity
	}
	return side[len(side)-1].Price
}

// holding is how much the account has of the contract that an order would close: of the one that it sells, or of the
// opposite of the one that it buys.
func holding(ctx context.Context, c *client.Client, m *api.MarketInfo, o *api.PlaceOrder) (uint32, error) {
	positions, _, err := collect(c.EachPosition(ctx, url.Values{"market": {m.Market.String()}}), 0)
	if err != nil {
		return 0, err
	}
	wanted := contractName(o.Outcome, o.Contract)
	if o.Side == api.Buy {
		wanted = opposite(m, o)
	}
	for _, p := range positions {
		if contractName(p.Outcome, p.Contract) == wanted {
			return p.Quantity - p.Reserved, nil
		}
	}
	return 0, nil
}

func (d *desk) drawPlaced(a *api.OrderAnswer) string {
	var b strings.Builder
	if a.Filled > 0 {
		fmt.Fprintf(&b, "Traded %s at %s on average", count(a.Filled), price(api.Price(int64(a.Cost)/int64(a.Filled))))
		if a.Fees > 0 {
			fmt.Fprintf(&b, ", for a fee of %s", money(a.Fees))
		}
		b.WriteString(".\n")
	}
	switch {
	case a.Remaining > 0:
		fmt.Fprintf(&b, "Order %s rests in the book with %s.\n  Cancel it with hustings cancel %s %s\n", a.Order, count(a.Remaining), a.Market, a.Order)
	case a.Filled == 0:
		b.WriteString("Nothing was traded, and nothing rests: nobody was there at that price.\n")
	case a.Status == api.StatusCancelled:
		fmt.Fprintf(&b, "For the other %s nobody was there.\n", count(a.Quantity-a.Filled))
	}
	if a.Filled > 0 {
		b.WriteString("  hustings portfolio shows what you hold.\n")
	}
	return b.String()
}
