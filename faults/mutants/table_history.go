package main

// What decides whether the answers that clients saw could be those of one exchange.
var historyMutants = []mutant{
	{
		name: "history-any-balance-believed", broken: "a stale balance is taken for a good answer",
		file:  "faults/history/cash.go",
		old:   "return fits(output, Cash{cash}), cash",
		new:   "return fits(output, Cash{cash}) || true, cash",
		tests: tests{"faults/history", "^TestHistories$"},
	},
	{
		name: "history-overdraft-believed", broken: "a withdrawal of more than there is may have been done",
		file: "faults/history/cash.go",
		old: `		case Withdraw:
			if cash < input.Amount {`,
		new: `		case Withdraw:
			if cash < input.Amount && output != any(Done{}) {`,
		tests: tests{"faults/history", "^TestHistories$"},
	},
}
