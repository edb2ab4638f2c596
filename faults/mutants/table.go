package main

import "slices"

// mutants returns all planted bugs, from the disk upward.
func mutants() []mutant {
	return slices.Concat(diskMutants, logMutants, replicaMutants, groupMutants, routerMutants, placementMutants, shardMutants, journalMutants,
		bookMutants, orderMutants, moneyMutants, transferMutants, moveMutants, adoptMutants, copyMutants, timeMutants, keyMutants, readMutants,
		gatewayMutants, guardMutants, limitMutants, feedMutants, clientMutants, watchMutants, historyMutants, simMutants)
}
