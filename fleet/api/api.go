// Package api serves the fleet's HTTP interface: what operators see and do, how booths get in, and where their log lines go. One route table
// is the source of the router, of the checks and of the OpenAPI document. It decides nothing about booths. It may import the fleet's words
// and package enrol; who may do what it asks of its Authorizer.
package api
