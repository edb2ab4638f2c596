package desk

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
)

func newOrdersCommand() *cobra.Command {
	var market string
	var all bool
	var limit int
	c := &cobra.Command{Use: "orders", Short: "Show your open orders", Args: cobra.NoArgs}
	c.Flags().StringVar(&market, "market", "", "only this market")
	c.Flags().BoolVar(&all, "all", false, "those that are done as well")
	c.Flags().IntVar(&limit, "limit", 50, "greatest number of orders, the newest first; 0 is all")
	_ = c.RegisterFlagCompletionFunc("market", markets)
	return command(c, func(ctx context.Context, d *desk, _ []string) error {
		trader, err := d.trader()
		if err != nil {
			return err
		}
		query := pageOf(limit)
		if market != "" {
			if _, err := id("market", market); err != nil {
				return err
			}
			query.Set("market", market)
		}
		if all {
			query.Set("status", "all")
		}
		orders, more, err := collect(trader.EachOrder(ctx, query), limit)
		if err != nil {
			return err
		}
		return d.show(api.Orders{Orders: orders}, d.drawOrders(orders, more))
	})
}

func (d *desk) drawOrders(orders []api.Order, more bool) string {
	if len(orders) == 0 {
		return "You have no such orders. hustings order buy places one; hustings orders --all shows those that are done.\n"
	}
	t := table{columns: []column{{"market", true, false}, {"order", true, false}, {"side", false, false}, {"contract", false, true}, {"price", true, false},
		{"filled", true, false}, {"of", true, false}, {"status", false, false}, {"placed", false, false}, {"your id", false, false}}}
	for i := range orders {
		o := &orders[i]
		t.add(text(o.Market.String()), text(o.Order.String()), side(o.Side), text(contractName(o.Outcome, o.Contract)), text(price(o.Price)),
			text(count(o.Filled)), text(count(o.Quantity)), text(orderStatus(o)), text(when(o.PlacedAt, now())), text(o.ClientOrderID))
	}
	return t.draw(d.screen) + moreOf(more)
}

func orderStatus(o *api.Order) string {
	parts := []string{o.Status}
	if o.Reason != "" {
		parts = append(parts, strings.ReplaceAll(o.Reason, "_", " "))
	}
	if o.Status == api.StatusOpen && o.ExpiresAt != 0 {
		parts = append(parts, "until "+when(o.ExpiresAt, now()))
	}
	if o.PostOnly {
		parts = append(parts, "post-only")
	}
	return strings.Join(parts, ", ")
}

func newCancelCommand() *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use:               "cancel MARKET ORDER | --all [MARKET]",
		Short:             "Cancel an order, or all of them",
		Example:           "  hustings cancel 3 16777217\n  hustings cancel --all\n  hustings cancel --all 3",
		Args:              cobra.MaximumNArgs(2),
		ValidArgsFunction: completeResting,
	}
	c.Flags().BoolVar(&all, "all", false, "all of your orders, or those of a market")
	return command(c, func(ctx context.Context, d *desk, args []string) error {
		if all != (len(args) < 2) {
			return failure(exitUsage, "name a market and an order, or --all: hustings orders lists them")
		}
		if all {
			return d.cancelAll(ctx, args)
		}
		return d.cancelOne(ctx, args)
	})
}

func (d *desk) cancelAll(ctx context.Context, args []string) error {
	var market api.ID
	if len(args) > 0 {
		var err error
		if market, err = id("market", args[0]); err != nil {
			return err
		}
	}
	trader, err := d.trader()
	if err != nil {
		return err
	}
	a, err := trader.CancelAll(ctx, market)
	if err != nil {
		return err
	}
	drawn := "None of your orders trades any more.\n"
	if market != 0 {
		drawn = fmt.Sprintf("None of your orders in market %s trades any more.\n", market)
	}
	return d.show(a, drawn)
}

func (d *desk) cancelOne(ctx context.Context, args []string) error {
	market, order, err := marketAndOrder(args)
	if err != nil {
		return err
	}
	trader, err := d.trader()
	if err != nil {
		return err
	}
	a, err := trader.Cancel(ctx, market, order)
	if err != nil {
		return err
	}
	return d.show(a, fmt.Sprintf("Order %s is cancelled.\n", a.Order))
}

func marketAndOrder(args []string) (market, order api.ID, err error) {
	if market, err = id("market", args[0]); err != nil {
		return 0, 0, err
	}
	order, err = id("order", args[1])
	return market, order, err
}

func newAmendCommand() *cobra.Command {
	var given struct{ price, quantity string }
	c := &cobra.Command{
		Use:   "amend MARKET ORDER",
		Short: "Change the price or the quantity of an order",
		Long: `Change the price or the quantity of an order. The quantity is the new total, what is filled included. An order keeps its
place in the queue if only its quantity is reduced.`,
		Example:           "  hustings amend 3 16777217 --price 0.64\n  hustings amend 3 16777217 --quantity 5",
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: completeResting,
	}
	c.Flags().StringVar(&given.price, "price", "", "the new price")
	c.Flags().StringVar(&given.quantity, "quantity", "", "the new quantity")
	c.MarkFlagsOneRequired("price", "quantity")
	return command(c, func(ctx context.Context, d *desk, args []string) error {
		market, order, err := marketAndOrder(args)
		if err != nil {
			return err
		}
		var change api.AmendOrder
		if given.price != "" {
			if change.Price, err = orderPrice(given.price); err != nil {
				return err
			}
		}
		if given.quantity != "" {
			if change.Quantity, err = quantity(given.quantity); err != nil {
				return err
			}
		}
		trader, err := d.trader()
		if err != nil {
			return err
		}
		a, err := trader.Amend(ctx, market, order, "", 0, change)
		if err != nil {
			return unknown(explain(err), "the order was changed", "hustings orders")
		}
		return d.show(a, d.drawAmended(&a))
	})
}

func (d *desk) drawAmended(a *api.AmendAnswer) string {
	drawn := fmt.Sprintf("Order %s is changed: %s rest in the book.\n", a.Order, count(a.Remaining))
	if a.Status == api.StatusDone {
		drawn = fmt.Sprintf("Order %s is changed, and done.\n", a.Order)
	}
	if a.Filled > 0 {
		drawn += fmt.Sprintf("Traded %s at %s on average.\n", count(a.Filled), price(api.Price(int64(a.Cost)/int64(a.Filled))))
	}
	return drawn
}
