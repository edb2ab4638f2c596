// Package peer connects the nodes of an exchange with each other.
package peer

const (
	linkProtocol = "hustings/1"
	bulkProtocol = "h2"
)
