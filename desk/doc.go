// Package desk is trading on the command line: the commands of hustings with which a person looks at markets, orders and
// holdings, and trades. Each command makes a few calls through package client and draws what comes back, as tables for
// people or as the API's own JSON.
//
// Who trades and where comes from flags, the environment and a profile file, in this order:
//
//	--api          addresses of the exchange; the environment's HUSTINGS_API; the profile's
//	HUSTINGS_KEY   an API key; else the profile's, which is sent to the profile's addresses only
package desk
