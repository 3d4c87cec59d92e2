import type { Member } from '../collection-operation.ts'
import type { MemberFacts } from './member-facts.ts'

/** Gathers one subject of the statistics from every member, keeping counters and short lists only, never the members. */
export interface Collector<Result> {
  add(member: Member, facts: MemberFacts): void
  result(): Result
}
