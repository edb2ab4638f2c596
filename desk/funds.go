package desk

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

func newDepositCommand() *cobra.Command {
	return newTransferCommand("deposit AMOUNT", "Pay money in", "is paid in", (*client.Client).Deposit)
}

func newWithdrawCommand() *cobra.Command {
	return newTransferCommand("withdraw AMOUNT", "Pay money out", "is paid out", (*client.Client).Withdraw)
}

type transfer = func(c *client.Client, ctx context.Context, key string, t api.Transfer) (api.TransferAnswer, error)

func newTransferCommand(use, short, done string, call transfer) *cobra.Command {
	var reference, key string
	c := &cobra.Command{Use: use, Short: short, Args: cobra.ExactArgs(1)}
	c.Flags().StringVar(&reference, "reference", "", "a note that the statement shows")
	c.Flags().StringVar(&key, "id", "", "your own id of this transfer; the same transfer with the same id is made once")
	return command(c, func(ctx context.Context, d *desk, args []string) error {
		t := api.Transfer{Reference: reference}
		if err := t.Amount.UnmarshalText([]byte(args[0])); err != nil || t.Amount <= 0 {
			return failure(exitUsage, "%q is no amount: it is above 0, such as 100.00", args[0])
		}
		trader, err := d.trader()
		if err != nil {
			return err
		}
		a, err := call(trader, ctx, key, t)
		if err != nil {
			return unknown(explain(err), "the money moved", "hustings portfolio")
		}
		return d.show(a, fmt.Sprintf("%s %s.\n", money(a.Amount), done))
	})
}
