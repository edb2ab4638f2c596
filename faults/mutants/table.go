package main

import "slices"

// mutants returns all planted bugs, from the disk upward.
func mutants() []mutant {
	return slices.Concat(diskMutants, logMutants, replicaMutants, groupMutants, routerMutants, placementMutants, shardMutants, journalMutants,
		bookMutants, orderMutants, moneyMutants, transferMutants, moveMutants, adoptMutants, timeMutants, keyMutants, readMutants, gatewayMutants, feedMutants, historyMutants, simMutants, clientMutants)
}
