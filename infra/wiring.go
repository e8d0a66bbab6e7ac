package main

// What each function is told and what it may do, side by side: a name in an environment is worth nothing without the
// permission, and the other way round.

func webhookEnv(r *resources) environment {
	return environment{
		"GESTOR_QUEUE_INBOX":         r.inbox.Ref(),
		"GESTOR_BUCKET_RAW":          r.raw.Ref(),
		"GESTOR_SECRET_META_APP":     r.secrets.metaApp.Ref(),
		"GESTOR_SECRET_X_APP":        r.secrets.xApp.Ref(),
		"GESTOR_SECRET_LINKEDIN_APP": r.secrets.linkedInApp.Ref(),
	}
}

func webhookGrants(r *resources) []grant {
	return []grant{
		send("ToInbox", r.inbox),
		putRaw(r),
		readSecrets(r.secrets.metaApp, r.secrets.xApp, r.secrets.linkedInApp),
	}
}

func intakeEnv(r *resources) environment {
	return stored(r, environment{
		"GESTOR_BUCKET_RAW":         r.raw.Ref(),
		"GESTOR_BUCKET_MEDIA":       r.media.Ref(),
		"GESTOR_SECRET_CITIZEN_KEY": r.secrets.citizenKey.Ref(),
		"GESTOR_ACCOUNTS_JSON":      ref(r.params.accounts),
		"GESTOR_ESCALATE_UNDO":      ref(r.params.escalateUndo),
		"GESTOR_DOUBT_HOURS":        ref(r.params.doubtHours),
	})
}

// intakeGrants: of the models intake reads the one that is named, and which one that is; what is named is not its to say.
func intakeGrants(r *resources) []grant {
	return []grant{
		consume(r.inbox),
		workItems(r, []string{partitionOfConnections, partitionOfKeys, partitionOfModel}, "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"),
		ask("Flying", r.tables.work, waitingIndex, boardIndex),
		appendAudit(r),
		readModels(r),
		getRaw(r),
		getMedia(r, "models"),
		readSecrets(r.secrets.citizenKey),
	}
}

// relayEnv names queues alone: relay reads the stream it is given and writes nothing.
func relayEnv(r *resources) environment {
	variables := workers(r, environment{})
	variables["GESTOR_QUEUE_SOON"] = r.soon.Ref()
	return variables
}

// relayGrants let relay's own dead letters in too: Lambda sends them with the function's role.
func relayGrants(r *resources) []grant {
	return []grant{
		followStream(r),
		send("ToWorkers", r.outbound, r.siac, r.fetching, r.soon, r.relayDeadLetters),
	}
}

func tickEnv(r *resources) environment { return stored(r, workers(r, environment{})) }

func tickGrants(r *resources) []grant {
	return []grant{
		consume(r.soon),
		workItems(r, []string{partitionOfConnections, partitionOfKeys, partitionOfModel}, "GetItem", "PutItem", "UpdateItem"),
		ask("WhatWaits", r.tables.work, waitingIndex),
		send("ToWorkers", r.outbound, r.siac, r.fetching),
	}
}

func deliverEnv(r *resources) environment {
	return stored(r, called(r, environment{
		"GESTOR_SECRET_CITIZEN_KEY": r.secrets.citizenKey.Ref(),
		"GESTOR_BUCKET_MEDIA":       r.media.Ref(),
		"GESTOR_NOTICE_TO":          ref(r.params.noticeRecipients),
		"GESTOR_NOTICE_FROM":        ref(r.params.noticeSender),
		"GESTOR_QUIET_HOURS":        ref(r.params.quietHours),
		"GESTOR_CONSOLE_URL":        r.consoleURL,
		"GESTOR_X_DAILY_USD":        ref(r.params.xDailyUSD),
	}))
}

// deliverGrants include the apps' secrets because every Graph call carries a proof made with Meta's (appsecret_proof) and the
// others renew keys and sign; the key that opens the accounts' keys; and the citizens' key, because the person a private answer
// goes to is stored sealed. It reads the library's files to bring them to a network, or lets the network fetch them in its name.
func deliverGrants(r *resources) []grant {
	return []grant{
		consume(r.outbound),
		workItems(r, []string{partitionOfConnections, partitionOfModel}, "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"),
		appendAudit(r),
		readSecrets(r.secrets.metaApp, r.secrets.xApp, r.secrets.linkedInApp, r.secrets.tokenKey, r.secrets.citizenKey),
		getMedia(r, "library"),
		sendMail(r),
	}
}

// called adds what whoever calls the networks in the name of our accounts needs: their addresses, the apps' own secrets, and
// the key under which the accounts' keys are kept.
func called(r *resources, variables environment) environment {
	variables["GESTOR_GRAPH_URL"] = ref(r.params.graphURL)
	variables["GESTOR_X_URL"] = ref(r.params.xURL)
	variables["GESTOR_LINKEDIN_URL"] = ref(r.params.linkedInURL)
	variables["GESTOR_LINKEDIN_LOGIN_URL"] = ref(r.params.linkedInLoginURL) // keys are renewed where people sign in
	variables["GESTOR_SECRET_META_APP"] = r.secrets.metaApp.Ref()
	variables["GESTOR_SECRET_X_APP"] = r.secrets.xApp.Ref()
	variables["GESTOR_SECRET_LINKEDIN_APP"] = r.secrets.linkedInApp.Ref()
	variables["GESTOR_SECRET_TOKEN_KEY"] = r.secrets.tokenKey.Ref()
	return variables
}

func fetchEnv(r *resources) environment {
	return stored(r, called(r, environment{
		"GESTOR_QUEUE_INBOX":        r.inbox.Ref(),
		"GESTOR_BUCKET_MEDIA":       r.media.Ref(),
		"GESTOR_SECRET_CITIZEN_KEY": r.secrets.citizenKey.Ref(),
		"GESTOR_SECRET_CONNECT_KEY": r.secrets.connectKey.Ref(),
		"GESTOR_META_LOGIN_URL":     ref(r.params.metaLoginURL),
		"GESTOR_X_LOGIN_URL":        ref(r.params.xLoginURL),
		"GESTOR_WEBHOOK_URL":        r.api.AttrApiEndpoint(),
		"GESTOR_MEDIA_URL":          ref(r.params.mediaURL),
		"GESTOR_X_DAILY_USD":        ref(r.params.xDailyUSD),
	}))
}

// fetchGrants: what fetch finds goes into the same inbox as what the networks deliver, and is no case before intake made it
// one; of cases it only changes what hangs on their mentions, and takes away what may not be kept.
func fetchGrants(r *resources) []grant {
	return []grant{
		consume(r.fetching),
		send("ToInbox", r.inbox),
		workItems(r, []string{partitionOfModel}, "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"),
		ask("WhatWentOut", r.tables.work, boardIndex),
		appendAudit(r),
		putMedia(r, "media", "story"),
		readSecrets(r.secrets.metaApp, r.secrets.xApp, r.secrets.linkedInApp, r.secrets.tokenKey, r.secrets.connectKey, r.secrets.citizenKey),
	}
}

func escalateEnv(r *resources) environment {
	return stored(r, environment{
		"GESTOR_SECRET_SIAC": r.secrets.siac.Ref(),
		"GESTOR_SIAC_URL":    ref(r.params.siacURL),
	})
}

func escalateGrants(r *resources) []grant {
	return []grant{
		consume(r.siac),
		workItems(r, []string{partitionOfConnections, partitionOfKeys, partitionOfModel}, "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"),
		appendAudit(r),
		readSecrets(r.secrets.siac),
	}
}

func deskEnv(r *resources) environment {
	return stored(r, environment{
		"GESTOR_OIDC_ISSUER":    r.login.issuer,
		"GESTOR_OIDC_AUDIENCE":  r.login.audience,
		"GESTOR_OIDC_CLIENT_ID": r.login.clientID,
		"GESTOR_OIDC_DOMAIN":    r.login.domain,
		"GESTOR_ESCALATE_UNDO":  ref(r.params.escalateUndo),
		"GESTOR_ACCOUNTS_JSON":  ref(r.params.accounts),

		"GESTOR_CONSOLE_URL":        r.consoleURL,
		"GESTOR_SECRET_CONNECT_KEY": r.secrets.connectKey.Ref(),
		"GESTOR_BUCKET_MEDIA":       r.media.Ref(),
		"GESTOR_X_DAILY_USD":        ref(r.params.xDailyUSD),
		"GESTOR_HUMAN_AGENT":        ref(r.params.humanAgent),
		"GESTOR_DOUBT_HOURS":        ref(r.params.doubtHours),
	})
}

// deskGrants: desk seals what people bring to a connection, and cannot open the keys that come of it. It takes away files of our
// own library alone: what shows what citizens wrote goes by its time.
func deskGrants(r *resources) []grant {
	return []grant{
		workItems(r, []string{partitionOfKeys}, "DeleteItem", "GetItem", "PutItem", "Query"),
		readSecrets(r.secrets.connectKey),
		putMedia(r, "evidence", "library", "models"),
		getMedia(r, "evidence", "library", "media", "models", "story"),
		removeMedia(r, "library"),
		ask("WorkIndexes", r.tables.work, waitingIndex, boardIndex),
		appendAudit(r),
		readAudit(r),
		ask("AuditOfADay", r.tables.bitacora, dayIndex),
	}
}

// workers adds the queues of those who do the outside work.
func workers(r *resources, variables environment) environment {
	variables["GESTOR_QUEUE_OUTBOUND"] = r.outbound.Ref()
	variables["GESTOR_QUEUE_SIAC"] = r.siac.Ref()
	variables["GESTOR_QUEUE_FETCH"] = r.fetching.Ref()
	return variables
}

// stored adds the names of both tables.
func stored(r *resources, variables environment) environment {
	variables["GESTOR_TABLE"] = r.tables.work.Ref()
	variables["GESTOR_BITACORA"] = r.tables.bitacora.Ref()
	return variables
}
