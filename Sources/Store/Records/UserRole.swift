/// What a user of the product may see and do in a company.
public enum UserRole: String, CaseIterable, Sendable {
    /// Everything that an admin may, and erases candidates.
    case superAdmin = "super_admin"
    /// Sees every thread, including secret ones, and removes messages.
    case admin
    /// Sees every thread except secret ones that this user neither made secret nor takes part in.
    case teamMember = "team_member"
    /// Sees the threads that this user takes part in.
    case limitedTeamMember = "limited_team_member"
}

extension UserRole: SQLValue {}
