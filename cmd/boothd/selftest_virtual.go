//go:build !board

package main

func hullChecks() []check { return nil }
