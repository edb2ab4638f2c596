package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

func newApprovalsCommand() *cobra.Command {
	var o operator
	var reversals, withdrawals string
	var asJSON bool
	c := &cobra.Command{
		Use:   "approvals",
		Short: "Show or set which acts need a second operator",
		Long: `Show which acts of an operator need a second one, or set it: what is not named stays as it is.

With --reversals on, a market that is resolved is resolved with other values, or voided, only when a second operator approves it. With
--withdrawals 1000.00, so is a withdrawal of more than that; a trader's own is refused then, and an operator makes it for him.
To ask for less than before needs a second operator itself.

What needs one is kept as a proposal for 24 hours: see hustings exchange proposals. Operators are told apart by the accounts of their keys;
the admin key is one operator. Nothing needs two in a new exchange. It needs rules 5.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var now api.Approvals
			err := o.asked(askPatience, func(ctx context.Context, cl *client.Client) (err error) {
				now, err = cl.Approvals(ctx)
				return err
			})
			if err != nil {
				return err
			}
			if reversals == "" && withdrawals == "" {
				return printEither(c.OutOrStdout(), asJSON, now, func(a api.Approvals) string { return drawApprovals(a.Reversals, a.Withdrawals) })
			}
			want := api.SetApprovals{Reversals: now.Reversals, Withdrawals: now.Withdrawals}
			if err := readApprovals(&want, reversals, withdrawals); err != nil {
				return err
			}
			key := client.NewKey() // whichever node answers, it is done once
			var done api.ApprovalsAnswer
			err = o.asked(changePatience, func(ctx context.Context, cl *client.Client) (err error) {
				done, err = cl.SetApprovals(ctx, key, want)
				return err
			})
			if err != nil {
				return err
			}
			return printEither(c.OutOrStdout(), asJSON, done, func(a api.ApprovalsAnswer) string {
				if a.Proposal != 0 {
					return drawProposed(a.Proposal)
				}
				return drawApprovals(a.Reversals, a.Withdrawals)
			})
		},
	}
	o.flags(c.Flags())
	c.Flags().StringVar(&reversals, "reversals", "", "whether resolving again with other values and voiding a resolved market needs two: on or off")
	c.Flags().StringVar(&withdrawals, "withdrawals", "", "withdrawals of more than this need two, such as 1000.00; off: none")
	c.Flags().BoolVar(&asJSON, "json", false, "show it as JSON")
	return c
}

// readApprovals changes what was named.
func readApprovals(a *api.SetApprovals, reversals, withdrawals string) error {
	switch reversals {
	case "":
	case "on", "off":
		a.Reversals = reversals == "on"
	default:
		return fmt.Errorf("--reversals is on or off, not %q", reversals)
	}
	switch withdrawals {
	case "":
	case "off":
		a.Withdrawals = 0
	default:
		if err := a.Withdrawals.UnmarshalText([]byte(withdrawals)); err != nil || a.Withdrawals <= 0 {
			return fmt.Errorf("--withdrawals is an amount above 0, such as 1000.00, or off, not %q", withdrawals)
		}
	}
	return nil
}

func drawApprovals(reversals bool, withdrawals api.Money) string {
	of, above := "need one operator", "none needs two operators"
	if reversals {
		of = "need two operators"
	}
	if withdrawals > 0 {
		above = "of more than " + withdrawals.String() + " need two operators"
	}
	return fmt.Sprintf("reversals     %s\nwithdrawals   %s\n", of, above)
}

// drawProposed tells whoever asked for something that nothing is done yet.
func drawProposed(proposal api.ID) string {
	return fmt.Sprintf("Nothing has changed: proposal %v waits for another operator, who says hustings exchange approve %v.\n", proposal, proposal)
}

func newProposalsCommand() *cobra.Command {
	var o operator
	var asJSON bool
	c := &cobra.Command{
		Use:   "proposals",
		Short: "List the acts that wait for a second operator",
		Long: `List the acts that wait for a second operator, those that lapse first before the others: who proposed what, and until when it can be
approved.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var all api.Proposals
			err := o.asked(askPatience, func(ctx context.Context, cl *client.Client) (err error) {
				all, err = cl.Proposals(ctx)
				return err
			})
			if err != nil {
				return err
			}
			return printEither(c.OutOrStdout(), asJSON, all, drawProposals)
		},
	}
	o.flags(c.Flags())
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON, as the operator's API gives it")
	return c
}

func drawProposals(all api.Proposals) string {
	if len(all.Proposals) == 0 {
		return "Nothing waits.\n"
	}
	var b strings.Builder
	rows := [][]string{{"proposal", "by", "lapses", "what"}}
	for _, p := range all.Proposals {
		by := "admin key"
		if p.Operator != 0 {
			by = fmt.Sprintf("account %v, key %v", p.Operator, p.Key)
		}
		rows = append(rows, []string{p.Proposal.String(), by, p.LapsesAt.Std().UTC().Format(time.DateTime), whatProposed(&p)})
	}
	writeColumns(&b, "", rows)
	return b.String()
}

// whatProposed says what would be done, in one line.
func whatProposed(p *api.Proposal) string {
	switch p.Act {
	case "resolveMarket":
		var values []string
		for _, v := range p.Values {
			values = append(values, v.String())
		}
		return fmt.Sprintf("resolve market %v again to %s (%s)", p.Market, strings.Join(values, " "), p.Source)
	case "voidMarket":
		return fmt.Sprintf("void market %v (%s)", p.Market, p.Reason)
	case "adminWithdraw":
		if p.Reference == "" {
			return fmt.Sprintf("pay %v out of account %v", p.Amount, p.Account)
		}
		return fmt.Sprintf("pay %v out of account %v (%s)", p.Amount, p.Account, p.Reference)
	case "setApprovals":
		if p.Approvals != nil {
			return "approvals: " + strings.Join(strings.Fields(strings.ReplaceAll(drawApprovals(p.Approvals.Reversals, p.Approvals.Withdrawals), "\n", " ")), " ")
		}
	}
	return p.Act
}

func newDecideCommand(use, short, long string, act func(*client.Client, context.Context, string, api.ID) (api.ProposalAnswer, error), done string) *cobra.Command {
	var o operator
	c := &cobra.Command{
		Use: use + " PROPOSAL", Short: short, Long: long, Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			id, err := api.ParseID(args[0])
			if err != nil {
				return fmt.Errorf("%q is no number of a proposal", args[0])
			}
			key := client.NewKey()
			err = o.asked(changePatience, func(ctx context.Context, cl *client.Client) error {
				_, err := act(cl, ctx, key, id)
				return err
			})
			if err == nil {
				fmt.Fprintf(c.OutOrStdout(), done, id)
			}
			return err
		},
	}
	o.flags(c.Flags())
	return c
}
