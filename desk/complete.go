package desk

import (
	"context"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

// Shells ask for completions while a person waits: the exchange has a second, and no second try.
const completionPatience = time.Second

type completion = func(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective)

func words(all ...string) completion {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return all, cobra.ShellCompDirectiveNoFileComp
	}
}

// asked makes a completion of what the exchange answers. Without an answer there is none.
func asked(ask func(ctx context.Context, c *client.Client, args []string) []string) completion {
	return func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		d := new(desk)
		d.addresses, _ = c.Flags().GetStringSlice("api")
		if d.open(c) != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		cl, err := client.New(d.addresses[0], client.Options{Token: d.key, Others: d.addresses[1:], Tries: 1, Patience: completionPatience})
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer cl.Close()
		ctx, cancel := context.WithTimeout(context.Background(), completionPatience)
		defer cancel()
		return ask(ctx, cl, args), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// markets are the busiest ones, with their questions.
var markets = asked(func(ctx context.Context, c *client.Client, _ []string) (all []string) {
	page, err := c.Markets(ctx, url.Values{"sort": {"activity"}, "status": {"open"}, "limit": {"50"}})
	if err != nil {
		return nil
	}
	for _, m := range page.Markets {
		all = append(all, m.Market.String()+"\t"+m.Question)
	}
	return all
})

// outcomes are those of the market that is the first argument.
var outcomes = asked(func(ctx context.Context, c *client.Client, args []string) (all []string) {
	m, err := readMarket(ctx, c, args[0])
	if err != nil {
		return nil
	}
	for i := range m.Outcomes {
		o := &m.Outcomes[i]
		all = append(all, o.Outcome+"\tbid "+price(o.BestBid)+", ask "+price(o.BestAsk))
	}
	return all
})

// openOrders are the caller's orders in the market that is the first argument.
var openOrders = asked(func(ctx context.Context, c *client.Client, args []string) (all []string) {
	page, err := c.Orders(ctx, url.Values{"market": {args[0]}, "limit": {"50"}})
	if err != nil {
		return nil
	}
	for _, o := range page.Orders {
		all = append(all, o.Order.String()+"\t"+o.Side+" "+count(o.Remaining)+" "+contractName(o.Outcome, o.Contract)+" at "+price(o.Price))
	}
	return all
})

// inTurn completes the arguments of a command, one after the other.
func inTurn(turns ...completion) completion {
	return func(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= len(turns) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return turns[len(args)](c, args, begun)
	}
}

var (
	completeMarket  = inTurn(markets)
	completeOrder   = inTurn(markets, outcomes)
	completeResting = inTurn(markets, openOrders)
)

// completeOutcome completes a flag that names an outcome of the market that is the first argument.
func completeOutcome(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return []string{api.Yes, api.No}, cobra.ShellCompDirectiveNoFileComp
	}
	return outcomes(c, args, begun)
}
