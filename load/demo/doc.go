// Package demo keeps an exchange busy with people who do not exist, in markets that could: for showing what an exchange
// looks like, and for whoever builds against one. It uses nothing but the HTTP API.
//
//	catalogue   questions, with the odds at which they open and how long they last
//	belief      what would be known about one of them at any moment: the chance of each outcome, moving with time and news
//	pit         one market from its opening to its settlement: the makers, the crowd and the informed who trade in it
//	cast        the accounts that all pits share, and the treasurer who pays in before one of them runs dry
//
// A pit acts one request after the other, and its time advances with the orders it sends, not with the clock: what happens
// in it follows from the seed, but for what others do in its market.
package demo
