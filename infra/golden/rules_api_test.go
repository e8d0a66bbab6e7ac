package golden

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// routesAreAgreed: each way in, the function behind it, and whether a token is asked for.
func routesAreAgreed(t tmpl) []finding {
	var out []finding
	got := map[string]string{}
	for _, id := range t.of("ApiGatewayV2::Route") {
		integration := resourceOf(t.prop(id, "Target"))
		way := resourceOf(t.prop(integration, "IntegrationUri")) + " " + text(t.prop(id, "AuthorizationType"))
		if on := t.prop(id, "AuthorizerId"); on != nil {
			way += " " + resourceOf(on)
		}
		got[text(t.prop(id, "RouteKey"))] = way
		if t.prop(integration, "PayloadFormatVersion") != "2.0" || t.prop(integration, "IntegrationType") != "AWS_PROXY" {
			out = append(out, found(integration, "is not a proxy with payload 2.0"))
		}
	}
	out = append(out, compare(map[string]string{
		"GET /webhooks/{network}":  "WebhookFunction NONE",
		"POST /webhooks/{network}": "WebhookFunction NONE",
		"ANY /api/v1/{proxy+}":     "DeskFunction JWT ApiAuthorizer",
		"GET /api/v1/{proxy+}":     "DeskFunction JWT ApiAuthorizer",
		"GET /api/v1/openapi.json": "DeskFunction NONE",
		"GET /oauth/callback":      "DeskFunction NONE",
		"GET /healthz":             "DeskFunction NONE",
		"GET /config.json":         "DeskFunction NONE",
		"GET /":                    "DeskFunction NONE",
		"GET /{proxy+}":            "DeskFunction NONE",
	}, got)...)
	const id = "ApiAuthorizer"
	authorizer := map[string]string{
		"type":     text(t.prop(id, "AuthorizerType")),
		"reads":    fmt.Sprint(texts(t.prop(id, "IdentitySource"))),
		"issuer":   render(t.prop(id, "JwtConfiguration", "Issuer")),
		"audience": render(t.prop(id, "JwtConfiguration", "Audience", 0)),
	}
	for _, f := range compare(map[string]string{
		"type": "JWT", "reads": "[$request.header.Authorization]", "issuer": signInIssuer, "audience": signInClient("OidcAudience"),
	}, authorizer) {
		out = append(out, found(id, "%s %s", f.where, f.what))
	}
	for _, api := range t.of("ApiGatewayV2::Api") {
		if t.prop(api, "ProtocolType") != "HTTP" || t.prop(api, "CorsConfiguration") != nil {
			out = append(out, found(api, "is not a plain HTTP API of one origin"))
		}
	}
	return out
}

// stageIsSafe: bounded requests, and an access log in a group of its own that holds neither a person's address nor a
// path with a citizen's code in it.
func stageIsSafe(t tmpl) []finding {
	var out []finding
	for _, id := range t.of("ApiGatewayV2::Stage") {
		if t.prop(id, "StageName") != "$default" || t.prop(id, "AutoDeploy") != true {
			out = append(out, found(id, "is not the default stage, deployed by itself"))
		}
		rate := number(t.prop(id, "DefaultRouteSettings", "ThrottlingRateLimit"))
		burst := number(t.prop(id, "DefaultRouteSettings", "ThrottlingBurstLimit"))
		if rate < 77 || rate > 1000 || burst < rate || burst > 2000 {
			out = append(out, found(id, "lets %v requests per second in, %v at once", rate, burst))
		}
		log := resourceOf(t.prop(id, "AccessLogSettings", "DestinationArn"))
		if log != "ApiLogs" || t.Resources[log] == nil {
			out = append(out, found(id, "logs to %q", log))
		}
		format := text(t.prop(id, "AccessLogSettings", "Format"))
		for _, personal := range []string{"$context.identity", "$context.path", "$context.authorizer.claims", "userAgent"} {
			if strings.Contains(format, personal) {
				out = append(out, found(id, "logs %s", personal))
			}
		}
		for _, needed := range []string{"$context.requestId", "$context.routeKey", "$context.status", "$context.responseLatency"} {
			if !strings.Contains(format, needed) {
				out = append(out, found(id, "does not log %s", needed))
			}
		}
	}
	if len(t.of("ApiGatewayV2::Stage")) != 1 {
		out = append(out, found("Api", "has stages %v", t.of("ApiGatewayV2::Stage")))
	}
	return out
}

// callersAreDeclared: API Gateway may call a function for the paths of its routes, the rule may call tick, and nobody
// else may call anything.
func callersAreDeclared(t tmpl) []finding {
	want := map[string]bool{
		"events.amazonaws.com ${MinuteRule.Arn} TickFunction": true, "events.amazonaws.com ${LookRule.Arn} FetchFunction": true,
	}
	for _, id := range t.of("ApiGatewayV2::Route") {
		_, path, _ := strings.Cut(text(t.prop(id, "RouteKey")), " ")
		reader := resourceOf(t.prop(resourceOf(t.prop(id, "Target")), "IntegrationUri"))
		want["apigateway.amazonaws.com arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*/*"+path+" "+reader] = true
	}
	got := map[string]bool{}
	var out []finding
	for _, id := range t.of("Lambda::Permission") {
		if action := t.prop(id, "Action"); action != "lambda:InvokeFunction" {
			out = append(out, found(id, "allows %v", action))
		}
		got[text(t.prop(id, "Principal"))+" "+render(t.prop(id, "SourceArn"))+" "+resourceOf(t.prop(id, "FunctionName"))] = true
	}
	for _, id := range t.of("Lambda::Url") {
		out = append(out, found(id, "opens a function to the network"))
	}
	return append(out, compare(want, got)...)
}

// tickRuns: a rule for each function of the minute and no other, every minute, switched on.
func tickRuns(t tmpl) []finding {
	var out []finding
	minutes := map[string]string{"LookRule": "${FetchFunction.Arn}", "MinuteRule": "${TickFunction.Arn}"}
	if rules := t.of("Events::Rule"); !slices.Equal(rules, slices.Sorted(maps.Keys(minutes))) {
		out = append(out, found("MinuteRule", "rules are %v", rules))
	}
	for id, function := range minutes {
		if t.Resources[id] == nil {
			out = append(out, found(id, "is gone"))
			continue
		}
		if t.prop(id, "ScheduleExpression") != "rate(1 minute)" || t.prop(id, "State") != "ENABLED" {
			out = append(out, found(id, "runs at %v, %v", t.prop(id, "ScheduleExpression"), t.prop(id, "State")))
		}
		if targets := list(t.prop(id, "Targets")); len(targets) != 1 || render(dig(targets, 0, "Arn")) != function {
			out = append(out, found(id, "starts %v", targets))
		}
		// A transformed input would hide the event's own time, which is the only clock of both.
		for _, other := range []string{"Input", "InputPath", "InputTransformer"} {
			if t.prop(id, "Targets", 0, other) != nil {
				out = append(out, found(id, "hides the event behind %s", other))
			}
		}
	}
	return out
}

// surfaceIsAgreed: what an installation decides, with its defaults, and what it is told.
func surfaceIsAgreed(t tmpl) []finding {
	got := map[string]string{}
	for id, p := range t.Parameters {
		got[id] = fmt.Sprintf("%s %v", p.Type, p.Default)
	}
	out := compare(map[string]string{
		"MetaLoginUrl": "String https://www.facebook.com/", "XLoginUrl": "String https://x.com/", "MediaUrl": "String ",
		"LinkedInLoginUrl": "String https://www.linkedin.com/", "XDailyUsd": "Number 5", "HumanAgent": "String no",
		"Accounts": "String <nil>", "EscalateUndo": "String 10m", "DoubtHours": "Number 4",
		"GraphUrl": "String https://graph.facebook.com/", "SiacUrl": "String <nil>",
		"XUrl": "String https://api.x.com/", "LinkedInUrl": "String https://api.linkedin.com/",
		"OidcIssuer": "String ", "OidcAudience": "String ", "OidcClientId": "String ", "OidcDomain": "String ",
		"NoticeRecipients": "String ", "NoticeSender": "String ", "QuietHours": "String ", "ConsoleUrl": "String ", "AdminEmail": "String ",
		"AlarmEmail": "String <nil>", "MonthlyBudget": "Number 60", "LogRetentionDays": "Number 90",
	}, got)
	outputs := map[string]string{}
	for _, id := range slices.Sorted(maps.Keys(t.Outputs)) {
		outputs[id] = render(t.Outputs[id]["Value"])
	}
	out = append(out, compare(map[string]string{
		"ApiUrl": "${Api.ApiEndpoint}", "ConsoleAddress": consoleAddress, "WebhookUrlFacebook": "${Api.ApiEndpoint}/webhooks/facebook",
		"WebhookUrlInstagram": "${Api.ApiEndpoint}/webhooks/instagram", "WebhookUrlWhatsapp": "${Api.ApiEndpoint}/webhooks/whatsapp",
		"WebhookUrlX": "${Api.ApiEndpoint}/webhooks/x", "WebhookUrlLinkedin": "${Api.ApiEndpoint}/webhooks/linkedin",
		"XAppSecretArn": "${XAppSecret}", "LinkedInAppSecretArn": "${LinkedInAppSecret}",
		"TokenKeySecretArn": "${TokenKeySecret}", "ConnectKeySecretArn": "${ConnectKeySecret}", "OauthCallbackUrl": consoleAddress + "/oauth/callback",
		"WorkTableName": "${WorkTable}", "BitacoraTableName": "${BitacoraTable}", "DashboardName": "gestor-prod",
		"MetaAppSecretArn": "${MetaAppSecret}", "SiacSecretArn": "${SiacSecret}",
		"CitizenKeySecretArn": "${CitizenKeySecret}", "UserPoolId": "${UserPool}", "LoginAddress": signInPages,
		"RollbackAlarms": "${ServerErrorsAlarm.Arn},${InboxQueueAgeAlarm.Arn},${StreamAgeAlarm.Arn},${NoTickAlarm.Arn},${OldestDueWorkAlarm.Arn}",
	}, outputs)...)
	for _, id := range []string{"UserPoolId", "LoginAddress"} {
		if t.Outputs[id]["Condition"] != "OwnSignIn" {
			out = append(out, found(id, "is told without a user pool"))
		}
	}
	return out
}
