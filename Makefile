# make run      build and start an exchange on this machine
# make cluster  build and start three nodes on this machine
# make test     all tests, in under 10 minutes on 2 cores
# make lint     static checks
# make soak     the long forms of the tests that have one
# make sim      seeds of the simulation that nobody has seen, for SIMTIME
# make mutants  planted bugs, each of which the tests must catch, in under 10 minutes
# make chaos    CHAOS of faults that befall three real nodes under load (as root)
# make fuzz     every fuzzer for FUZZTIME each
# make bench    the figures of the README

BIN      := bin/hustings
FUZZTIME ?= 1m
CHAOS    ?= 10m
SIMTIME  ?= 10m
# The race detector needs a C compiler; without one the tests run all the same, and say so.
RACE     := $(shell command -v cc >/dev/null 2>&1 && echo -race)
# The core starts no goroutine, so the race detector would only slow its tests down.
CORE     := ./exchange/...
REST      = $(shell go list ./... | grep -v /hustings/exchange)
# Findings are kept by path: a cache shared with another checkout, or with one that is gone, would be asked about its files.
LINT     := GOLANGCI_LINT_CACHE=$(CURDIR)/bin/lint go tool -modfile=tools/go.mod golangci-lint

.PHONY: run cluster build test lint soak sim mutants chaos fuzz bench clean

run: build
	@$(BIN) run

cluster: build
	@$(BIN) cluster local

build:
	@go build -o $(BIN) ./cmd/hustings

test:
	@test -n "$(RACE)" || echo "no C compiler: the tests run without the race detector"
	go test -timeout 8m $(CORE)
	go test -timeout 9m $(RACE) $(REST)

lint:
	$(LINT) run ./...

soak:
	HUSTINGS_SOAK=1 go test -timeout 0 -count 1 -v ./exchange/shard ./replica ./faults

sim:
	HUSTINGS_SOAK=1 go test -timeout 0 -count 1 -v -run TestSoak ./sim -sim.for $(SIMTIME)

mutants:
	@go run ./faults/mutants

chaos:
	HUSTINGS_CHAOS=$(CHAOS) go test -timeout 0 -count 1 -v -run TestChaos ./faults/chaos

# By a race of its own, Go now and then calls the end of FUZZTIME a failure. A finding is kept as a seed, and fails the second time too.
fuzz:
	@for p in $$(go list ./...); do \
	  for f in $$(go test -list '^Fuzz' $$p | grep ^Fuzz); do \
	    fuzz="go test -run ^$$ -fuzz ^$$f$$ -fuzztime $(FUZZTIME) $$p"; \
	    echo "$$p $$f"; $$fuzz || $$fuzz || exit 1; \
	  done; \
	done

bench: build
	$(BIN) bench engine
	$(BIN) bench engine --no-keys
	$(BIN) bench book
	$(BIN) bench orders --rate 5000 --duration 30s
	$(BIN) bench orders --max
	$(BIN) bench orders --max --batch 100
	$(BIN) bench recover --open-orders 1000000 --accounts 100000
	$(BIN) bench memory --markets 1000000
	$(BIN) bench feed
	$(BIN) bench feed --idle 20000
	$(BIN) bench feed --slow 200 --subscribers 1000
	$(BIN) bench feed --bytes --duration 60s
	$(BIN) bench feed --orders 5000
	$(BIN) bench flood --times 10
	$(BIN) bench watch
	$(BIN) bench orders --nodes 3 --rate 2000
	$(BIN) bench orders --nodes 3 --max --batch 100
	$(BIN) bench failover
	$(BIN) bench failover --how stop
	$(BIN) bench failover --how handover
	$(BIN) bench elections
	$(BIN) bench rebalance

clean:
	rm -rf bin
