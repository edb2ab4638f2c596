package wire

import "github.com/hustings/hustings/exchange"

// OnlyCancels reports whether each of n commands does nothing but take orders out of books, now or when its account falls
// silent. Such commands have capacity of their own wherever commands wait: who wants to leave must not stand behind those who
// want to come in.
func OnlyCancels(commands []byte, n int) bool {
	for range n {
		frame, rest, err := Next(commands)
		if err != nil || !cancels(frame) {
			return false
		}
		commands = rest
	}
	return n > 0
}

func cancels(frame []byte) bool {
	switch CommandKind(frame) {
	case exchange.KindCancelOrder, exchange.KindMassCancel, exchange.KindSetDeadMan, exchange.KindCancelMarketOrders:
		return true
	case exchange.KindChangeGroup:
		cmd, err := ReadCommand(frame)
		change, ok := cmd.(*exchange.ChangeGroup)
		return err == nil && ok && change.Action != exchange.ResetGroup
	}
	return false
}
