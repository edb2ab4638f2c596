package wire

import (
	"testing"

	"github.com/hustings/hustings/exchange"
)

func TestOnlyCancels(t *testing.T) {
	cancel, place := &exchange.CancelOrder{Account: 1, Market: 1, Order: 1}, &exchange.PlaceOrder{Account: 1, Market: 1, Price: 1, Quantity: 1}
	group := func(a exchange.GroupAction) exchange.Command {
		return &exchange.ChangeGroup{Account: 1, Group: 1, Action: a}
	}
	for name, test := range map[string]struct {
		commands []exchange.Command
		want     bool
	}{
		"nothing":                          {nil, false},
		"a cancel":                         {[]exchange.Command{cancel}, true},
		"two cancels":                      {[]exchange.Command{cancel, cancel}, true},
		"an order":                         {[]exchange.Command{place}, false},
		"a cancel before an order":         {[]exchange.Command{cancel, place}, false},
		"a mass cancel":                    {[]exchange.Command{&exchange.MassCancel{Account: 1}}, true},
		"the operator's cancel":            {[]exchange.Command{&exchange.CancelMarketOrders{}}, true},
		"a dead-man's switch":              {[]exchange.Command{&exchange.SetDeadMan{Account: 1}}, true},
		"a group that is triggered":        {[]exchange.Command{group(exchange.TriggerGroup)}, true},
		"a group that ends":                {[]exchange.Command{group(exchange.DeleteGroup)}, true},
		"a group that takes orders again":  {[]exchange.Command{group(exchange.ResetGroup)}, false},
		"an amendment, which may be worse": {[]exchange.Command{&exchange.AmendOrder{Account: 1}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			var b []byte
			for _, cmd := range test.commands {
				var err error
				if b, err = AppendCommand(b, cmd); err != nil {
					t.Fatal(err)
				}
			}
			if got := OnlyCancels(b, len(test.commands)); got != test.want {
				t.Errorf("%t", got)
			}
		})
	}
}
