package exchange

import "testing"

func TestOrderIDParts(t *testing.T) {
	tests := []struct {
		number uint64
		slot   uint32
		want   OrderID
	}{
		{1, 1, 0x1_000001},
		{1, MaxOpenOrders, 0x1_ffffff},
		{2, 1, 0x2_000001},
		{1_000_000, 77, 1_000_000<<24 + 77},
		{1<<40 - 1, MaxOpenOrders, 1<<64 - 1},
	}
	for i, test := range tests {
		id := NewOrderID(test.number, test.slot)
		if id != test.want || id.Number() != test.number || id.Slot() != test.slot {
			t.Errorf("order %d in slot %d: got %#x, which is order %d in slot %d", test.number, test.slot, uint64(id), id.Number(), id.Slot())
		}
		if i > 0 && id <= tests[i-1].want {
			t.Errorf("the later order %#x is not greater than %#x", uint64(id), uint64(tests[i-1].want))
		}
	}
}
