package golden

import "testing"

// rule is one thing every template of this system must be; check answers what is not so.
type rule struct {
	name  string
	check func(tmpl) []finding
}

func rules() []rule {
	return []rule{
		{"each function is its own", functionsAreTheirOwn},
		{"functions carry the agreed limits", limitsAreAgreed},
		{"functions are told the agreed names", environmentIsAgreed},
		{"functions may use what they are told of", toldIsAllowed},
		{"every queue has dead letters", queuesHaveDeadLetters},
		{"a queue hides a message six timeouts long", visibilityIsLong},
		{"sources report failed items and are bounded", sourcesAreBounded},
		{"the stream's reader gets outbox items and gives up", streamGivesUp},
		{"no wildcard is allowed", nothingIsWild},
		{"roles are for one function", rolesAreNarrow},
		{"nothing but roles gives permissions", rolesAloneAllow},
		{"nobody rewrites the bitácora", auditIsAppendOnly},
		{"secrets have one kind of reader and no value", secretsAreSecret},
		{"keys are apart", keysAreApart},
		{"mail leaves from one function and one address", mailIsNarrow},
		{"what is stored is encrypted", storedIsEncrypted},
		{"what is stored survives mistakes", storedSurvives},
		{"tables have the agreed keys", tablesAreAgreed},
		{"raw deliveries are private and expire", bucketIsPrivate},
		{"nothing is served over a plain connection", tlsOnly},
		{"the API has the agreed routes", routesAreAgreed},
		{"the stage is throttled and logs no person", stageIsSafe},
		{"only the declared callers may call", callersAreDeclared},
		{"tick runs every minute", tickRuns},
		{"the writers stay under the table's first capacity", workersFitTheTable},
		{"no function outruns the readers of changes", commitsAreSeen},
		{"the key is used through our services alone", keyIsNarrow},
		{"a role may use the key for what it touches", keyFollowsUse},
		{"people are invited and have two factors", peopleAreInvited},
		{"groups are the roles of the desk", groupsAreRoles},
		{"the console has one door", consoleIsOneDoor},
		{"half an installation is refused", installationIsWhole},
		{"each invariant has its alarm", invariantsHaveAlarms},
		{"alarms are heard", alarmsAreHeard},
		{"what alarms count is measured", countedIsMeasured},
		{"the month's cost is watched", costIsWatched},
		{"the dashboard shows what an operator asks", dashboardShows},
		{"parameters and outputs are the agreed ones", surfaceIsAgreed},
	}
}

func TestRules(t *testing.T) {
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			for _, f := range r.check(parse(t)) {
				t.Error(f)
			}
		})
	}
}
