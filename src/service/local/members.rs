//! The requests about the organization.

use super::{Answer, Service, Watch};
use crate::domain::audit::Origin;
use crate::service::request::{DoorError, Request};

impl Service {
    pub(super) fn of_the_organization(&mut self, _: Request, _: (&dyn Fn() -> Origin, Watch<'_>)) -> Answer {
        Err(DoorError::System("not built yet".into()))
    }
}
