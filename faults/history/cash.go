package history

import (
	"fmt"

	"github.com/anishathalye/porcupine"
)

// Amounts are in units of money, as in package exchange.
type (
	// Deposit pays in.
	Deposit struct{ Amount int64 }
	// Withdraw pays out, unless there is less.
	Withdraw struct{ Amount int64 }
	// ReadCash asks for the account.
	ReadCash struct{}

	// Done is the answer to what was done.
	Done struct{}
	// Refused is the answer to what could not be done as things stood.
	Refused struct{}
	// Cash is the answer to ReadCash.
	Cash struct{ Amount int64 }
)

var cashModel = porcupine.Model{
	Init: func() any { return int64(0) },
	Step: func(state, input, output any) (bool, any) {
		cash := state.(int64)
		switch input := input.(type) {
		case Deposit:
			return fits(output, Done{}), cash + input.Amount
		case Withdraw:
			if cash < input.Amount {
				return fits(output, Refused{}), cash
			}
			return fits(output, Done{}), cash - input.Amount
		case ReadCash:
			return fits(output, Cash{cash}), cash
		default:
			panic(fmt.Sprintf("nobody asks %T of an account", input))
		}
	},
	DescribeOperation: describe,
	DescribeState:     func(state any) string { return fmt.Sprint(state) },
}

// fits reports whether an answer is the one that is due. An answer that nobody saw fits.
func fits(output, due any) bool { return output == nil || output == due }

func describe(input, output any) string {
	if output == nil {
		output = "no answer"
	}
	return fmt.Sprintf("%T%+v: %+v", input, input, output)
}
