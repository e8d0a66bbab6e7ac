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
		"GESTOR_SECRET_CITIZEN_KEY": r.secrets.citizenKey.Ref(),
		"GESTOR_ACCOUNTS_JSON":      ref(r.params.accounts),
		"GESTOR_ESCALATE_UNDO":      ref(r.params.escalateUndo),
		"GESTOR_DOUBT_HOURS":        ref(r.params.doubtHours),
	})
}

func intakeGrants(r *resources) []grant {
	return []grant{
		consume(r.inbox),
		workItems(r, "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"),
		ask("Flying", r.tables.work, waitingIndex),
		appendAudit(r),
		getRaw(r),
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
		send("ToWorkers", r.outbound, r.siac, r.soon, r.relayDeadLetters),
	}
}

func tickEnv(r *resources) environment { return stored(r, workers(r, environment{})) }

func tickGrants(r *resources) []grant {
	return []grant{
		consume(r.soon),
		workItems(r, "GetItem", "UpdateItem"),
		ask("WhatWaits", r.tables.work, waitingIndex),
		send("ToWorkers", r.outbound, r.siac),
	}
}

func deliverEnv(r *resources) environment {
	return stored(r, environment{
		"GESTOR_SECRET_META_TOKENS":     r.secrets.metaTokens.Ref(),
		"GESTOR_SECRET_META_APP":        r.secrets.metaApp.Ref(),
		"GESTOR_SECRET_X_TOKENS":        r.secrets.xTokens.Ref(),
		"GESTOR_SECRET_LINKEDIN_TOKENS": r.secrets.linkedInTokens.Ref(),
		"GESTOR_SECRET_CITIZEN_KEY":     r.secrets.citizenKey.Ref(),
		"GESTOR_GRAPH_URL":              ref(r.params.graphURL),
		"GESTOR_X_URL":                  ref(r.params.xURL),
		"GESTOR_LINKEDIN_URL":           ref(r.params.linkedInURL),
		"GESTOR_NOTICE_TO":              ref(r.params.noticeRecipients),
		"GESTOR_NOTICE_FROM":            ref(r.params.noticeSender),
		"GESTOR_QUIET_HOURS":            ref(r.params.quietHours),
		"GESTOR_CONSOLE_URL":            r.consoleURL,
	})
}

// deliverGrants include the app's secret because every Graph call carries a proof made with it (appsecret_proof), and the
// citizens' key because the person a private answer goes to is stored sealed.
func deliverGrants(r *resources) []grant {
	return []grant{
		consume(r.outbound),
		workItems(r, "DeleteItem", "GetItem", "PutItem", "UpdateItem"),
		appendAudit(r),
		readSecrets(r.secrets.metaTokens, r.secrets.metaApp, r.secrets.xTokens, r.secrets.linkedInTokens, r.secrets.citizenKey),
		sendMail(r),
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
		workItems(r, "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"),
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
	})
}

func deskGrants(r *resources) []grant {
	return []grant{
		workItems(r, "DeleteItem", "GetItem", "PutItem", "Query"),
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
	return variables
}

// stored adds the names of both tables.
func stored(r *resources, variables environment) environment {
	variables["GESTOR_TABLE"] = r.tables.work.Ref()
	variables["GESTOR_BITACORA"] = r.tables.bitacora.Ref()
	return variables
}
