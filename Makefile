# Every command a person may type; `make help` lists them. Long scripts live in .ci/.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

# The functions are built for this machine, and for arm64 when they are deployed.
ARCH ?= $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,amd64)
STAGE ?= prod
# Where it is deployed; by default where the AWS profile points.
REGION ?=
ifneq ($(REGION),)
export AWS_REGION = $(REGION)
export AWS_DEFAULT_REGION = $(REGION)
endif
PARAMETERS ?= infra/stages/$(STAGE).parameters

# One set of flags for local and deployed binaries: what runs here is what runs there. Without the build id and the
# commit inside, equal sources give equal bytes, so an asset's hash changes only when its code does.
FUNCTION_FLAGS := -trimpath -buildvcs=false -tags lambda.norpc -ldflags '-s -w -buildid='

BUILT := build/$(ARCH)/.built
FUNCTION_SOURCES := $(shell find functions shared -type f ! -name '*_test.go' ! -path '*/testdata/*' 2>/dev/null) go.mod go.sum
WEB_SOURCES := $(shell find web -name node_modules -prune -o -name dist -prune -o -name test -prune -o -type f -print 2>/dev/null)
# The console is built into the desk function.
CONSOLE := web/dist/index.html

export CGO_ENABLED = 0
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION = 20

.PHONY: help
help: ## lists the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: build ## builds what is missing and runs the whole local system in the foreground
	@exec bin/gestor run

.PHONY: build
build: npm functions bin/gestor ## builds the functions for this machine, the console and bin/gestor

.PHONY: functions
functions: $(BUILT) ## builds the functions (ARCH=arm64 for those that are deployed)

$(BUILT): $(FUNCTION_SOURCES) $(CONSOLE)
	@.ci/functions.sh $(ARCH) $(FUNCTION_FLAGS)
	@touch $@

.PHONY: console
console: $(CONSOLE) ## builds the console into web/dist

$(CONSOLE): $(WEB_SOURCES) web/node_modules/.installed
	@echo 'gestor: building the console' >&2
	@go run -buildvcs=false ./web/build
	@touch $@

.PHONY: bin/gestor
bin/gestor:
	@test -x $@ || echo 'gestor: building bin/gestor (the first time takes a minute)' >&2
	@mkdir -p bin && go build -trimpath -buildvcs=false -o $@ ./cmd/gestor

.PHONY: npm
npm: web/node_modules/.installed

web/node_modules/.installed: web/package.json web/package-lock.json
	@echo 'gestor: installing npm packages (DynamoDB engine, console)' >&2
	@cd web && npm ci --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null
	@touch $@

.PHONY: tools
tools: npm ## installs what the checks need and is missing
	@.ci/tools.sh

.PHONY: tools-all
tools-all: tools ## installs what lane-crosscheck and lane-sam need too (Java, Docker, the SAM CLI …)
	@.ci/tools-all.sh

.PHONY: test
test: tools build ## every check a change must pass, fast ones first
	@.ci/lanes.sh format unit contract system infra $(MORE)

.PHONY: lane-format
lane-format: ## formatting, vet, lint and the architecture
	@.ci/format.sh

.PHONY: lane-unit
lane-unit: ## nouns, processes and adapters; the store's contract on the local DynamoDB
	@.ci/gotest.sh ./shared/... ./functions/... ./web ./web/build
	@RACE=no .ci/gotest.sh ./cmd/entrenar

.PHONY: lane-contract
lane-contract: ## the local system's parts, each against the SDK client the functions use
	@.ci/gotest.sh ./cmd/gestor/internal/...

.PHONY: lane-system
lane-system: build ## the whole system with the real binaries, and the console in a browser
	@RACE=no LIMIT=60m .ci/gotest.sh ./cmd/gestor
	@.ci/browser.sh

.PHONY: lane-infra
lane-infra: ## what is deployed: rules, golden template, reproducible binaries
	@$(MAKE) --no-print-directory functions ARCH=arm64
	@RACE=no .ci/gotest.sh ./infra/...
	@.ci/reproducible.sh $(FUNCTION_FLAGS)
	@.ci/cfn-lint.sh

.PHONY: lane-crosscheck
lane-crosscheck: ## the store on Amazon's DynamoDB Local, the queues on moto (make tools-all first)
	@.ci/crosscheck.sh

.PHONY: lane-sam sam
lane-sam: build
	@.ci/sam.sh $(if $(KEEP),keep)

sam: lane-sam ## every function in a container, as the SAM CLI runs it (make tools-all first; KEEP=1 stays up)

.PHONY: train
train: ## trains the classifier anew from cmd/entrenar/data, and writes its model and its card
	@go run ./cmd/entrenar

.PHONY: soak
soak: build ## ten thousand planned items over five networks, with faults, late minutes and kills (half an hour)
	@GESTOR_PLANNED=10000 go test ./cmd/gestor -run '^TestTenThousandPlanned$$' -count=1 -v -timeout 90m

.PHONY: bench
bench: build ## benchmarks, with allocations
	@echo 'What one mention costs: DynamoDB units (writes, reads) and store calls, step by step'
	@go test -run '^TestCost$$' -count=1 -v ./shared/dynamo | grep -E 'WRU|FAIL|SKIPPED'
	@go test -run '^$$' -bench . -benchmem ./shared/... ./cmd/gestor/internal/queue
	@echo 'How long each function takes to start'
	@go test -run '^$$' -bench '^BenchmarkInit$$' -benchtime 1x ./cmd/gestor | grep -E 'first poll|FAIL'

.PHONY: cost
cost: build ## counts what a mention asks of the cloud, and prints what that costs
	@go test -run '^TestCounts$$' -count=1 ./cmd/gestor
	@bin/gestor cost

.PHONY: synth
synth: ## writes the CloudFormation template and its assets to cdk.out
	@$(MAKE) --no-print-directory functions ARCH=arm64
	@go run -buildvcs=false ./infra -c stage=$(STAGE)

.PHONY: deploy
deploy: synth ## deploys through the CDK CLI (STAGE=prod, REGION=the profile's, PARAMETERS=infra/stages/prod.parameters)
	@.ci/deploy.sh '$(STAGE)' '$(PARAMETERS)'

.PHONY: rollback
rollback: ## deploys an earlier commit again (STAGE=prod TO=<commit>)
	@.ci/rollback.sh '$(STAGE)' '$(TO)'

.PHONY: clean
clean: ## removes what was built; the local system's data stays in .gestor
	@rm -rf bin build cdk.out web/node_modules
	@find web/dist -mindepth 1 ! -name .keep -delete
