# Laoyou. `make help` lists what there is. Progress goes to stderr; stdout of `make run` carries its banner and nothing else.
SHELL       := /bin/sh
MAKEFLAGS   += --no-print-directory
.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:

ARCH    ?=
PORTS   ?= fixed
FOR     ?= 20s
VISITS  ?= 100
BOOTHS  ?= 2000
KILLS   ?= 100
VERSION := $(shell git describe --tags --always 2>/dev/null || echo dev)
STEP    := @scripts/step

# Go finds out by itself what is stale. The kiosk's WebAssembly is embedded in boothd, so it is made first, when something it is made of
# has changed.
WASM     := firmware/virtual/dist/kiosk.wasm.gz
WASM_SRC := $(shell find ui/kiosk ui/view cmd/kiosk-wasm -type f ! -name '*_test.go' ! -path '*/testdata/*') go.mod go.sum
# The agents' desk is embedded in cloudd in the same way.
DESK     := ui/console/dist/index.html
DESK_SRC := $(shell find ui/console -type d \( -name node_modules -o -name dist -o -name mock \) -prune -o -type f ! -name '*.go' ! -name '*.test.ts' -print) \
            ui/kiosk/art/skyline.svg scripts/console
# What Go tools need to see the Opus that scripts/build links in.
OPUS_TAGS := opus,nolibopusfile

## run: start the whole house on this machine (PORTS=free: any free ports; LAOYOU_DATA: another folder)
run: setup-run build
	@exec bin/laoyou up --ports=$(PORTS)

## test: everything that can fail, with real peers: Go tests, browser, native kiosk, arm64 under emulation
test: setup-test build
	$(STEP) "tests, with the race detector" scripts/test race
	$(STEP) "tests of what draws, and of the whole house in a browser" scripts/test drawn
	$(STEP) "the kiosk in a browser" scripts/test browser
	$(STEP) "the agents' desk: types, state, words" scripts/console test
	$(STEP) "native kiosk under Xvfb" scripts/test native
	@$(MAKE) arm64

## check: formatting, linters, import table, example files, licences
check: setup-test tools build
	$(STEP) "go vet" go vet -tags $(OPUS_TAGS) ./...
	$(STEP) "go vet, pure Go" env CGO_ENABLED=0 go vet ./internal/voip/... ./cloud/sip ./firmware/call
	$(STEP) "golangci-lint" .bin/golangci-lint run --build-tags $(OPUS_TAGS) ./...
	$(STEP) "house rules" go test ./internal/house
	$(STEP) "example files are fresh" scripts/examples check
	$(STEP) "licences" sh -c 'go run ./internal/tools/licences >/dev/null'

## bench: figures of docs/quality.md that a bench can measure
bench: setup-test build
	$(STEP) "benches" env CGO_ENABLED=0 go test -run '^$$' -bench . -benchmem ./...

## fuzz: garbage against every door, FOR=20s each
fuzz: setup-test
	$(STEP) "fuzzing, $(FOR) a target" scripts/fuzz $(FOR)

## soak: VISITS=100 visits in a row; goroutines and memory stay flat
soak: setup-test build
	$(STEP) "$(VISITS) visits" env CGO_ENABLED=0 go test ./cmd/boothd -count=1 -timeout 24h -v -run TestVisitsLeaveNothingBehind -args -visits $(VISITS)

## bench-voice: the voice line under load, with SIPp as the load and CPU of the core alone (docs/quality.md)
bench-voice: setup-test build
	$(STEP) "wish to desk, mouth to desk" env CGO_ENABLED=0 go test -run '^$$' -bench 'WishToOffer|MouthToDesk' -benchtime 5x ./cmd/boothd
	$(STEP) "the queue's decisions" env CGO_ENABLED=0 go test -run '^$$' -bench Decision ./cloud/acd
	$(STEP) "300 calls a second, 100 relayed calls, 100 in Opus" go test -tags netgo,osusergo,$(OPUS_TAGS) -run '^$$' -bench Voice -benchtime 1x ./cloud/sip

## bench-fleet: BOOTHS=2000 booths with certificates against one core, and durable events against Mosquitto's plain QoS 1 (docs/quality.md)
bench-fleet: setup-test build
	$(STEP) "$(BOOTHS) booths" env CGO_ENABLED=0 go test -run '^$$' -bench Fleet -benchtime 1x -timeout 1h ./cmd/boothsim -args -bench.booths $(BOOTHS)
	$(STEP) "durable events" env CGO_ENABLED=0 go test -run '^$$' -bench . -timeout 1h ./fleet/...

## soak-fleet: kill core and booth KILLS=100 times each under load, and break lines and disks for as long as in life; nothing acknowledged may be lost, nothing done twice, nobody called offline
soak-fleet: setup-test build
	$(STEP) "$(KILLS) kills of a booth's line" env CGO_ENABLED=0 LAOYOU_KILLS=$(KILLS) go test ./firmware/link -count=1 -timeout 24h -v -run TestKilled
	$(STEP) "$(KILLS) kills of the core" env CGO_ENABLED=0 go test ./cmd/boothsim -count=1 -timeout 24h -v -run TestNothingIsLost -args -kills $(KILLS)
	$(STEP) "cut and lossy lines, full disks, a core that restarts every 30 s" env CGO_ENABLED=0 go test ./cmd/boothsim -count=1 -timeout 24h -parallel 10 -v -run 'TestCutLine|TestLossyLine|TestDiskOf|TestCoreRestarts|TestClonedBooth' -args -long -loss-for 10m -restarts $(KILLS) -restart-every 30s

## fmt: format all Go code
fmt: tools
	$(STEP) "formatting" .bin/golangci-lint fmt ./...

## build: the programs into bin/ (ARCH=arm64: the real booth's, into bin/arm64)
build: $(if $(ARCH),build-$(ARCH),build-here)

## screens: pictures of the booth into docs/screens
screens: setup-screens build
	$(STEP) "screens" scripts/screens

## examples: write configs/*.example.yaml anew
examples: build
	$(STEP) "example files" scripts/examples write

## licences: list the licence of every module that is linked
licences:
	@go run ./internal/tools/licences

## arm64: build the real booth's programs and run their self-test under emulation
arm64: setup-cross build-arm64
	$(STEP) "self-test on arm64, emulated" scripts/selftest-arm64.sh

## clean: remove what was built (data and caches stay)
clean:
	rm -rf bin .build
	find firmware/virtual/dist ui/console/dist -mindepth 1 ! -name '.git*' -delete

## help: this list
help:
	@sed -n 's/^## \([a-z0-9-]*\): \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | sort | awk -F '\t' '{printf "  make %-11s %s\n", $$1, $$2}'

build-here: $(WASM) $(DESK)
	$(STEP) "building the programs" env VERSION=$(VERSION) scripts/build bin

build-arm64: setup-cross $(WASM) $(DESK)
	$(STEP) "building for arm64" env VERSION=$(VERSION) scripts/cross.sh arm64

$(WASM): $(WASM_SRC)
	$(STEP) "building the kiosk for browsers (WebAssembly)" cmd/kiosk-wasm/build.sh $(@D)
	@touch $@

$(DESK): $(DESK_SRC)
	$(STEP) "building the agents' desk (web app)" scripts/console build
	@touch -c $@

setup-%:
	@scripts/setup $*

tools:
	$(STEP) "linters" scripts/fetch-tools

.PHONY: run test check bench fuzz soak fmt build build-here build-arm64 screens examples licences arm64 clean help tools
