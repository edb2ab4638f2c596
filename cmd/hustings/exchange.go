package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

// newExchangeCommand is for what an operator does with the whole exchange at once.
func newExchangeCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "exchange",
		Short: "Halt the whole exchange, let it go on; acts that need a second operator",
		Args:  cobra.NoArgs,
	}
	c.AddCommand(
		newHaltCommand("halt", "Take no orders in any market", `Take no orders in any market, on all shards at once. Cancels, payments, resolutions and reads go on, and resting orders stay
in their books. What is refused is refused as exchange_halted, and nothing is kept to be sent later.

The reason is recorded in the journal.`, (*client.Client).HaltExchange, "Halted: no orders are taken. hustings exchange resume ends that."),
		newHaltCommand("resume", "Take orders again", `Take orders again after hustings exchange halt. The reason is recorded in the journal.`,
			(*client.Client).ResumeExchange, "Orders are taken."),
		newExchangeStatusCommand(),
		newApprovalsCommand(), newProposalsCommand(),
		newDecideCommand("approve", "Approve what another operator proposed", `Approve what another operator proposed, which is done at that moment. If it cannot be done now, say because the cash is gone, that is
said, and the proposal waits on. It takes the key of another operator than the one who proposed it: name it with --key-file.`,
			(*client.Client).ApproveProposal, "Proposal %v is approved, and done.\n"),
		newDecideCommand("reject", "Reject what an operator proposed", `Reject what an operator proposed. Every operator may, also the one who proposed it.`,
			(*client.Client).RejectProposal, "Proposal %v is rejected. Nothing was done.\n"))
	return c
}

func newHaltCommand(use, short, long string, act func(*client.Client, context.Context, string, string) (api.HaltAnswer, error), done string) *cobra.Command {
	var o operator
	var reason string
	c := &cobra.Command{
		Use: use, Short: short, Long: long, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			key := client.NewKey() // whichever node answers, it is done once
			err := o.asked(changePatience, func(ctx context.Context, c *client.Client) error {
				_, err := act(c, ctx, key, reason)
				return err
			})
			if err == nil {
				fmt.Fprintln(c.OutOrStdout(), done)
			}
			return err
		},
	}
	o.flags(c.Flags())
	c.Flags().StringVar(&reason, "reason", "by the operator", "why, for the journal: 1 to 500 characters")
	return c
}

// exitHalted is the exit code of a status that says that no orders are taken.
const exitHalted = 1

func newExchangeStatusCommand() *cobra.Command {
	var o operator
	var asJSON bool
	c := &cobra.Command{
		Use:   "status",
		Short: "Show whether orders are taken",
		Long: `Show whether orders are taken, and which rules hold.

The exit code is 0 when orders are taken, 1 when the exchange is halted, and 3 when no node could be asked.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var status api.ExchangeInfo
			err := o.asked(askPatience, func(ctx context.Context, c *client.Client) (err error) {
				status, err = c.Exchange(ctx)
				return err
			})
			if err != nil {
				return exitError{err, exitNoAnswer}
			}
			return showExchange(c.OutOrStdout(), asJSON, status)
		},
	}
	o.flags(c.Flags())
	c.Flags().BoolVar(&asJSON, "json", false, "show it as JSON")
	return c
}

func showExchange(w io.Writer, asJSON bool, status api.ExchangeInfo) error {
	err := printEither(w, asJSON, status, func(s api.ExchangeInfo) string {
		if s.Halted {
			return fmt.Sprintf("HALTED   no orders are taken   rules %d\n", s.Rules)
		}
		return fmt.Sprintf("open     orders are taken      rules %d\n", s.Rules)
	})
	if err == nil && status.Halted {
		return exitError{nil, exitHalted}
	}
	return err
}
